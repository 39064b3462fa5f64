/** Decimals and money travel as scaled integers; in the engine they are text, so that no digit is lost. */

const DECIMAL = /^\s*([+-]?)(\d*)(?:\.(\d*))?\s*$/;

/**
 * "12.5" at scale 3 → 12500n. Digits beyond the scale are rounded half away from zero.
 * @throws RangeError when the text is no number.
 */
export function toScaled(text: string, scale: number): bigint {
  const match = DECIMAL.exec(/e/i.test(text) ? Number(text).toFixed(Math.min(scale + 1, 100)) : text);
  if (match === null) throw new RangeError(`"${text}" is no decimal number.`);
  const [, sign, whole = "", fraction = ""] = match;
  const digits = BigInt(`0${whole}${fraction.slice(0, scale).padEnd(scale, "0")}`);
  const magnitude = (fraction[scale] ?? "0") >= "5" ? digits + 1n : digits;
  return sign === "-" ? -magnitude : magnitude;
}

/** 12500n at scale 3 → "12.500". */
export function fromScaled(value: bigint, scale: number): string {
  const sign = value < 0n ? "-" : "";
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
  if (scale === 0) return sign + digits;
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Bytes of a decimal of this precision, its sign included (MS-TDS 2.2.5.5.1.6). */
export function decimalBytes(precision: number): number {
  if (precision <= 9) return 5;
  if (precision <= 19) return 9;
  return precision <= 28 ? 13 : 17;
}
