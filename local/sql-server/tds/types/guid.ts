/** A uniqueidentifier's first three groups travel with their bytes reversed (MS-TDS 2.2.5.5.1.9, MS-DTYP 2.3.4). */
const WIRE_ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] as const;

export function toGuidBytes(text: string): Buffer {
  const plain = Buffer.from(text.replaceAll(/[-{}]/g, ""), "hex");
  if (plain.length !== WIRE_ORDER.length) throw new RangeError(`"${text}" is no uniqueidentifier.`);
  return Buffer.from(WIRE_ORDER.map((index) => plain.readUInt8(index)));
}

export function fromGuidBytes(bytes: Buffer): string {
  const hex = Buffer.from(WIRE_ORDER.map((index) => bytes.readUInt8(index)))
    .toString("hex")
    .toUpperCase();
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
