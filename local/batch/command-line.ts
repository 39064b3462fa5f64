/**
 * Splits a command line as a Linux node does: no shell, so no variables, globs or pipes; quotes group.
 * Inside double quotes a backslash escapes `"` and `\`; inside single quotes nothing is special.
 */
export function splitCommandLine(commandLine: string): string[] {
  const words: string[] = [];
  // Runs of plain characters, escapes and quoted parts that touch each other are one word.
  for (const [word] of commandLine.matchAll(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/gs)) {
    words.push(word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs, unquote));
  }
  return words;
}

function unquote(_all: string, double?: string, single?: string, escaped?: string): string {
  return double?.replace(/\\(["\\])/g, "$1") ?? single ?? escaped ?? "";
}
