import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../../../local/root.ts";

/** What a Bicep file takes and gives. Read by its lines, as our files are written; this is no compiler. */
export interface BicepFile {
  readonly text: string;
  readonly params: readonly { readonly name: string; readonly isRequired: boolean }[];
  readonly outputs: readonly string[];
  readonly modules: readonly BicepModule[];
}

interface BicepModule {
  readonly name: string;
  readonly path: string;
  readonly condition: string | undefined;
  readonly params: readonly string[];
}

/** @param path within deploy/ */
export async function readBicep(path: string): Promise<BicepFile> {
  const text = await readFile(join(root, "deploy", path), "utf8");
  return {
    text,
    params: all(text, /^param (\w+) \w+( = )?/gm).map(([, name = "", given]) => ({
      name,
      isRequired: given === undefined,
    })),
    outputs: all(text, /^output (\w+) /gm).map(([, name = ""]) => name),
    modules: all(text, /^module (\w+) '([^']+)' = (?:if \((.+)\) )?\{\n([^]*?)^\}/gm).map(
      ([, name = "", file = "", condition, body = ""]) => ({
        name,
        path: file,
        condition,
        params: readKeys(readObject(body, "params:")),
      }),
    ),
  };
}

/** The text between the braces that follow `start`, or "". */
export function readObject(text: string, start: string): string {
  const from = text.indexOf("{", text.indexOf(start));
  if (!text.includes(start)) return "";
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    if (text[at] === "{") depth++;
    if (text[at] === "}") depth--;
    if (depth === 0) return text.slice(from + 1, at);
  }
  throw new Error(`No end to what follows '${start}'.`);
}

/** The names of an object's own properties. */
export function readKeys(body: string): readonly string[] {
  let flat = body.replaceAll(/\/\/.*$/gm, "").replaceAll(/'[^'\n]*'/g, "''");
  for (let before = ""; before !== flat;) {
    before = flat;
    flat = flat.replaceAll(/\{[^{}]*\}|\([^()]*\)|\[[^[\]]*\]/g, "…");
  }
  return all(flat, /(?:^|[,\n])\s*(\w+):/g).map(([, name = ""]) => name);
}

const all = (text: string, pattern: RegExp): readonly (readonly (string | undefined)[])[] => [
  ...text.matchAll(pattern),
];
