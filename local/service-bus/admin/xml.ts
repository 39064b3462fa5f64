/** Elements by name, a list for several of one name; `@name` is an attribute, `#text` the text beside them. */
export type XmlElement = Readonly<Record<string, unknown>>;

export const attributePrefix = "@";

/** The document, without indentation; elements that are undefined are left out. */
export function writeXml(element: XmlElement): string {
  return Object.entries(element)
    .filter(([name, value]) => value !== undefined && !name.startsWith(attributePrefix))
    .map(([name, value]) => (name === "#text" ? escape(value) : writeElements(name, value)))
    .join("");
}

function writeElements(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => writeElements(name, item)).join("");
  if (typeof value !== "object" || value === null) return `<${name}>${escape(value)}</${name}>`;
  return `<${name}${writeAttributes(value as XmlElement)}>${writeXml(value as XmlElement)}</${name}>`;
}

function writeAttributes(element: XmlElement): string {
  return Object.entries(element)
    .filter(([name]) => name.startsWith(attributePrefix))
    .map(([name, value]) => ` ${name.slice(1)}="${escape(value)}"`)
    .join("");
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escape(value: unknown): string {
  return String(value).replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
