import { XMLParser } from "fast-xml-parser";
import { attributePrefix, writeXml, type XmlElement } from "./xml.ts";

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: attributePrefix,
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
});

const instanceNamespace = "http://www.w3.org/2001/XMLSchema-instance";
const serviceBusNamespace = "http://schemas.microsoft.com/netservices/2010/10/servicebus/connect";

/** One entity in an ATOM document. */
export interface AtomEntry {
  /** `topic/Subscriptions/name`: SDKs read the names of an entity out of the id. */
  readonly path: string;
  /** `TopicDescription`, `RuleDescription`, … */
  readonly element: string;
  readonly content: XmlElement;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export function encodeEntry(base: string, entry: AtomEntry): string {
  return writeXml({ entry: toEntry(base, entry) });
}

/** @param next query of the following page; undefined on the last one. */
export function encodeFeed(base: string, entries: readonly AtomEntry[], next: string | undefined): string {
  const link = next === undefined ? [] : [{ "@rel": "next", "@href": next }];
  return writeXml({
    feed: {
      "@xmlns": "http://www.w3.org/2005/Atom",
      title: { "@type": "text", "#text": "Entities" },
      id: base,
      // SDKs look for the next page only when there are several links.
      link: [{ "@rel": "self", "@href": base }, ...link],
      entry: entries.map((entry) => toEntry(base, entry)),
    },
  });
}

export function encodeError(status: number, detail: string): string {
  return writeXml({ Error: { Code: status, Detail: detail } });
}

function toEntry(base: string, entry: AtomEntry): XmlElement {
  return {
    "@xmlns": "http://www.w3.org/2005/Atom",
    id: `${base}${entry.path}`,
    title: { "@type": "text", "#text": entry.path.split("/").at(-1) },
    published: toIso(entry.createdAt),
    updated: toIso(entry.updatedAt),
    content: {
      "@type": "application/xml",
      [entry.element]: { "@xmlns": serviceBusNamespace, "@xmlns:i": instanceNamespace, ...entry.content },
    },
  };
}

export function toIso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** The description inside a posted entry; undefined when the document is no such entry. */
export function parseEntry(document: string, element: string): XmlElement | undefined {
  const content = toElement(toElement(parse(document)["entry"])["content"]);
  return element in content ? toElement(content[element]) : undefined;
}

function parse(document: string): XmlElement {
  try {
    return toElement(parser.parse(document));
  } catch {
    return {};
  }
}

/** An element without content is parsed as an empty text. */
export function toElement(value: unknown): XmlElement {
  return typeof value === "object" && value !== null ? (value as XmlElement) : {};
}

/** The simple elements of a description, as texts. */
export function toFields(element: XmlElement): Record<string, string> {
  const texts = Object.entries(element).filter(
    (pair): pair is [string, string] => typeof pair[1] === "string" && !pair[0].startsWith(attributePrefix),
  );
  return Object.fromEntries(texts);
}
