import type { DatabasePair } from "../package/script-database.ts";
import type { Refusal, Result } from "../result.ts";
import { collectTargets } from "./collect-targets.ts";
import type { TargetLine } from "./target-line.ts";

/**
 * Reads an sbm target file: `server:default,override[;default2,override2…][#tag]`, one target a line. Blank lines and
 * those starting `--` or `//` are passed over; white space around names, single quotes around databases and a
 * byte-order mark are taken off. Failures carry their line, at most 20 of them.
 */
export function parseCfg(text: string): Result<readonly TargetLine[]> {
  return collectTargets(readLines(text));
}

function* readLines(text: string): Generator<TargetLine | Refusal, void> {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  for (const [index, raw] of lines.entries()) {
    const content = raw.trim();
    if (content !== "" && !/^(?:--|\/\/)/.test(content)) yield parseLine(content, index + 1);
  }
}

function parseLine(content: string, line: number): TargetLine | Refusal {
  const hash = content.lastIndexOf("#");
  const address = hash === -1 ? content : content.slice(0, hash);
  const tag = hash === -1 ? "" : content.slice(hash + 1).trim();
  const colon = findServerEnd(address);
  const server = address.slice(0, Math.max(colon, 0)).trim();
  // `tcp:host,1433` alone: the colon is the protocol's, and the databases were forgotten.
  if (colon === -1 || /^(?:tcp|np|lpc)$/i.test(server)) {
    return { code: "TargetColonMissing", message: `'${content}' has no ':' before its databases.`, line };
  }
  const databases = address
    .slice(colon + 1)
    .split(";")
    .map(parsePair);
  return { server, databases, ...(tag !== "" && { tag }), line };
}

/** The last colon of the first pair: earlier ones belong to a protocol or a port. */
function findServerEnd(address: string): number {
  const firstPairEnd = address.indexOf(";");
  return (firstPairEnd === -1 ? address : address.slice(0, firstPairEnd)).lastIndexOf(":");
}

/** `default,override`, or `override` alone for any default. */
function parsePair(pair: string): DatabasePair {
  const comma = pair.indexOf(",");
  if (comma === -1) return { default: "", override: unquote(pair) };
  return { default: unquote(pair.slice(0, comma)), override: unquote(pair.slice(comma + 1)) };
}

function unquote(name: string): string {
  return name
    .trim()
    .replace(/^'(.*)'$/, "$1")
    .trim();
}
