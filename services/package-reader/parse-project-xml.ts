import { XMLParser, XMLValidator } from "fast-xml-parser";
import { type ProjectScript, parseProjectScripts } from "../../model/package/parse-project.ts";
import { refuse, type Result, succeed } from "../../model/result.ts";

/*
 * Entities are decoded here and not by the parser: it would also expand those a DTD declares. DTDs are refused first;
 * this keeps it harmless if that check were ever fooled.
 */
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "",
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  isArray: (_name, _path, _isLeaf, isAttribute) => !isAttribute,
});

/** The scripts that `SqlSyncBuildProject.xml` lists, in the order they run; unknown elements are passed over. */
export function parseProjectXml(xml: string, entry: string): Result<readonly ProjectScript[]> {
  if (hasDeclaration(xml)) {
    return refuse({ code: "ProjectXmlWithDtd", message: `'${entry}' declares a DTD or entities.`, entry });
  }
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- its successor is another package, not needed for this
  const verdict = XMLValidator.validate(xml);
  if (verdict !== true) {
    const { msg, line } = verdict.err;
    return refuse({ code: "ProjectXmlMalformed", message: `'${entry}' line ${line}: ${msg}`, line, entry });
  }
  const document = readDocument(xml, entry);
  if (!document.ok) return document;
  const roots = childrenOf(document.value, "SqlSyncBuildData");
  if (roots.length === 0) {
    const message = `'${entry}' has no SqlSyncBuildData as its root.`;
    return refuse({ code: "ProjectXmlUnknown", message, entry });
  }
  const path = ["SqlSyncBuildProject", "Scripts", "Script"];
  const scripts = path.reduce((nodes, name) => nodes.flatMap((node) => childrenOf(node, name)), roots);
  if (scripts.length === 0) {
    return refuse({ code: "PackageWithoutScripts", message: `'${entry}' lists no scripts.`, entry });
  }
  return parseProjectScripts(scripts.map(toAttributes));
}

/** `<!…` other than a comment or CDATA is a DTD or part of one. */
function hasDeclaration(xml: string): boolean {
  const opening = /<!(--|\[CDATA\[)?/g;
  for (let match = opening.exec(xml); match !== null; match = opening.exec(xml)) {
    if (match[1] === undefined) return true;
    const end = xml.indexOf(match[1] === "--" ? "-->" : "]]>", opening.lastIndex);
    // Never closed: not well-formed, which the validator will say.
    if (end === -1) return false;
    opening.lastIndex = end;
  }
  return false;
}

type Node = Readonly<Record<string, unknown>>;

/** The parser refuses by throwing what the validator lets pass, such as elements nested a hundred deep. */
function readDocument(xml: string, entry: string): Result<Node> {
  try {
    return succeed(parser.parse(xml) as Node);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return refuse({ code: "ProjectXmlMalformed", message: `'${entry}': ${reason}`, entry });
  }
}

function childrenOf(node: Node, name: string): readonly Node[] {
  const children = Object.hasOwn(node, name) ? node[name] : undefined;
  if (!Array.isArray(children)) return [];
  return children.filter((child): child is Node => typeof child === "object" && child !== null);
}

function toAttributes(node: Node): Readonly<Record<string, string>> {
  const attributes = Object.entries(node).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return Object.fromEntries(attributes.map(([name, value]) => [name, decodeEntities(value)]));
}

/** All that XML knows without a DTD. */
const namedEntities = new Map(Object.entries({ lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" }));

function decodeEntities(value: string): string {
  return value.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w+));/gi, (whole, ...groups: string[]) => {
    const [decimal, hexadecimal, name] = groups as (string | undefined)[];
    if (name !== undefined) return namedEntities.get(name) ?? whole;
    const code = decimal === undefined ? Number.parseInt(hexadecimal ?? "", 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
