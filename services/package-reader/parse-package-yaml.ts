import { type Document, isNode, LineCounter, parseDocument, visit } from "yaml";
import type { z } from "zod";
import { PackageFile } from "../../model/package/package-file.ts";
import { refuse, type Refusal, type Result, succeed } from "../../model/result.ts";

/** What `package.yaml` says; every mistake in it is refused with its line. JSON is YAML, too. */
export function parsePackageYaml(text: string, entry: string): Result<PackageFile> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, version: "1.2", prettyErrors: false });
  const toRefusal = (message: string, offset: number): Refusal => {
    const { line } = lines.linePos(offset);
    return { code: "ManifestInvalid", message: `'${entry}' line ${line}: ${message}`, line, entry };
  };
  const { errors } = document;
  if (errors.length > 0) return refuse(...errors.map(({ message, pos }) => toRefusal(message, pos[0])));
  const alias = findAlias(document);
  if (alias !== undefined) return refuse(toRefusal("aliases (*name) are not taken.", alias));
  const parsed = PackageFile.safeParse(document.toJS());
  if (parsed.success) return succeed(parsed.data);
  return refuse(
    ...parsed.error.issues.map((issue) => toRefusal(toMessage(issue), offsetOf(document, issue.path))),
  );
}

/** Where the first alias stands: a few lines of them stand for gigabytes, and nobody needs them here. */
function findAlias(document: Document): number | undefined {
  let offset: number | undefined;
  visit(document, {
    Alias: (_key, alias) => {
      offset = alias.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return offset;
}

function toMessage({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join(".")}: ${message}`;
}

/** Where in the text the node stands; what is missing, where its parent stands. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node)) return node.range?.[0] ?? 0;
  }
  return document.contents?.range?.[0] ?? 0;
}
