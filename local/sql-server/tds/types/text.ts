/** SQL_Latin1_General_CP1_CI_AS, SQL Server's usual one: LCID 0x0409, its flags, and sort id 52. */
export const COLLATION = Uint8Array.of(0x09, 0x04, 0xd0, 0x00, 0x34);

/** Bit 26 of a collation's first four bytes: char and varchar are UTF-8. */
const UTF8_FLAG = 0x0400_0000;

/** The characters of code page 1252 from 0x80 to 0x9F, where it differs from ISO 8859-1; U+FFFD is unassigned. */
const UPPER_HALF =
  "\u20ac\ufffd\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\ufffd\u017d\ufffd" +
  "\ufffd\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\ufffd\u017e\u0178";

// eslint-disable-next-line no-control-regex -- the range of characters that need no table begins at zero
const SAME_AS_LATIN1 = /^[\u0000-\u007f\u00a0-\u00ff]*$/;
const byteOf = new Map(Array.from(UPPER_HALF, (character, index) => [character, 0x80 + index]));

/** Text as the bytes of char and varchar. What code page 1252 lacks becomes "?", as in SQL Server. */
export function toCodePage(text: string): Buffer {
  if (SAME_AS_LATIN1.test(text)) return Buffer.from(text, "latin1");
  const bytes = Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const same = code < 0x80 || (code >= 0xa0 && code <= 0xff);
    return same ? code : (byteOf.get(character) ?? 0x3f);
  });
  return Buffer.from(bytes);
}

/** The bytes of char and varchar as text, by the collation they came with. */
export function fromCodePage(bytes: Buffer, collation: Buffer): string {
  if ((collation.readUInt32LE(0) & UTF8_FLAG) !== 0) return bytes.toString("utf8");
  const text = bytes.toString("latin1");
  return text.replace(/[\u0080-\u009f]/g, (character) => UPPER_HALF[character.charCodeAt(0) - 0x80] ?? "?");
}
