import { fileURLToPath } from "node:url";
import { Language, type Node, Parser } from "web-tree-sitter";

/** @returns what finds the syntax errors in a Bicep file: line, and the text there */
export async function createBicepParser(): Promise<(text: string) => readonly string[]> {
  await Parser.init();
  const grammar = fileURLToPath(import.meta.resolve("tree-sitter-bicep/tree-sitter-bicep.wasm"));
  const parser = new Parser().setLanguage(await Language.load(grammar));
  return (text) => {
    const root = parser.parse(text)?.rootNode;
    return root ? findErrors(root) : ["cannot be parsed at all"];
  };
}

function findErrors(node: Node): readonly string[] {
  if (node.isError || node.isMissing)
    return [`line ${node.startPosition.row + 1}: ${node.text.slice(0, 80)}`];
  return node.children.flatMap(findErrors);
}
