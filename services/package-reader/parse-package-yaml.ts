import { type Document, isNode, isScalar, LineCounter, parseDocument, visit } from "yaml";
import type { z } from "zod";
import { PackageFile } from "../../model/package/package-file.ts";
import { maxReportedFailures, refuse, type Refusal, type Result, succeed } from "../../model/result.ts";

/** What `package.yaml` says; every mistake in it is refused with its line. JSON is YAML, too. */
export function parsePackageYaml(text: string, entry: string): Result<PackageFile> {
  const lines = new LineCounter();
  // Its own check of keys compares each with each.
  const options = { lineCounter: lines, version: "1.2", prettyErrors: false, uniqueKeys: false } as const;
  const document = parseDocument(text, options);
  const toRefusal = (message: string, offset: number): Refusal => {
    const { line } = lines.linePos(offset);
    return { code: "ManifestInvalid", message: `'${entry}' line ${line}: ${message}`, line, entry };
  };
  const errors = document.errors.slice(0, maxReportedFailures);
  if (errors.length > 0) return refuse(...errors.map(({ message, pos }) => toRefusal(message, pos[0])));
  const odd = findOddities(document);
  if (odd.length > 0) return refuse(...odd.map(({ message, offset }) => toRefusal(message, offset)));
  const parsed = PackageFile.safeParse(document.toJS());
  if (parsed.success) return succeed(parsed.data);
  return refuse(
    ...parsed.error.issues
      .slice(0, maxReportedFailures)
      .map((issue) => toRefusal(toMessage(issue), offsetOf(document, issue.path))),
  );
}

interface Oddity {
  readonly message: string;
  readonly offset: number;
}

/** What YAML allows and this file has no use for: keys said twice, and aliases, few of which stand for gigabytes. */
function findOddities(document: Document): readonly Oddity[] {
  const found: Oddity[] = [];
  visit(document, {
    Alias: (_key, alias) => {
      found.push({ message: "aliases (*name) are not taken.", offset: alias.range?.[0] ?? 0 });
    },
    Map: (_key, { items }) => {
      const seen = new Set<string>();
      for (const { key } of items) {
        const name = isScalar(key) ? String(key.value) : "";
        if (seen.has(name)) found.push({ message: `'${name}' is said twice.`, offset: offsetOfKey(key) });
        seen.add(name);
      }
    },
  });
  return found.slice(0, maxReportedFailures);
}

const offsetOfKey = (key: unknown): number => (isNode(key) ? (key.range?.[0] ?? 0) : 0);

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
