/** A formula that cannot be evaluated; the message says where, after "it". */
export class FormulaError extends Error {}

/** One that cannot be read, whatever its names mean: the service refuses it when a pool is to have it. */
export class FormulaSyntaxError extends FormulaError {}

export interface Token {
  readonly kind: "name" | "number" | "text" | "sign";
  readonly text: string;
}

const pattern =
  /(?<space>\s+|\/\/[^\n]*)|(?<number>\d+(?:\.\d+)?)|(?<text>"[^"\n]*")|(?<name>\$?[A-Za-z_]\w*)|(?<sign><=|>=|==|!=|&&|\|\||[-+*/<>=!?:;,.()])/y;

/** Words and signs of a formula, without comments. @throws FormulaSyntaxError */
export function tokenize(formula: string): readonly Token[] {
  const tokens: Token[] = [];
  pattern.lastIndex = 0;
  while (pattern.lastIndex < formula.length) {
    const from = pattern.lastIndex;
    const groups = pattern.exec(formula)?.groups;
    if (!groups) throw new FormulaSyntaxError(`cannot be read at '${formula.slice(from, from + 20)}'`);
    const kind = (["number", "text", "name", "sign"] as const).find((each) => groups[each] !== undefined);
    if (kind) tokens.push({ kind, text: groups[kind] ?? "" });
  }
  return tokens;
}
