import { absolute, rescale, type Exact } from "../types/exact.ts";

/**
 * FORMAT of a number as .NET does it in en-US: C, D, F, G, N, P, R, X, or a pattern of 0 # , . % and text.
 * @returns undefined for a format that .NET would refuse; SQL Server then answers NULL.
 */
export function formatNumber(value: Exact, format: string): string | undefined {
  const [standard, letter = "", digits = ""] = /^([a-z])(\d{0,2})$/i.exec(format) ?? [];
  if (standard === undefined) return formatPattern(value, format);
  const rule = STANDARD[letter.toUpperCase()];
  return rule?.(value, digits === "" ? undefined : Number(digits), letter);
}

type Rule = (value: Exact, digits: number | undefined, letter: string) => string | undefined;

const STANDARD: Readonly<Record<string, Rule>> = {
  C: (value, digits = 2) => {
    const text = grouped(fixed(absoluteOf(value), digits));
    return value.digits < 0n ? `($${text})` : `$${text}`;
  },
  D: (value, digits = 1) => {
    if (rescale(value, 0, "cut").digits * 10n ** BigInt(value.scale) !== value.digits) return undefined;
    return signed(
      value,
      absolute(rescale(value, 0, "cut").digits)
        .toString()
        .padStart(digits, "0"),
    );
  },
  F: (value, digits = 2) => signed(value, fixed(absoluteOf(value), digits)),
  G: general,
  N: (value, digits = 2) => signed(value, grouped(fixed(absoluteOf(value), digits))),
  P: (value, digits = 2) =>
    `${signed(value, grouped(fixed(absoluteOf({ digits: value.digits * 100n, scale: value.scale }), digits)))}%`,
  R: general,
  X: (value, digits = 1, letter) => {
    const text = BigInt.asUintN(value.digits < 0n ? 32 : 64, rescale(value, 0, "cut").digits).toString(16);
    return (letter === "X" ? text.toUpperCase() : text).padStart(digits, "0");
  },
};

function general(value: Exact): string {
  const text = fixed(absoluteOf(value), value.scale);
  return signed(value, text.includes(".") ? text.replace(/\.?0+$/, "") : text);
}

function absoluteOf({ digits, scale }: Exact): Exact {
  return { digits: absolute(digits), scale };
}

function signed({ digits }: Exact, text: string): string {
  return digits < 0n && /[1-9]/.test(text) ? `-${text}` : text;
}

function fixed(value: Exact, digits: number): string {
  const text = rescale(value, digits, "round")
    .digits.toString()
    .padStart(digits + 1, "0");
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

function grouped(text: string): string {
  const [whole = "", fraction] = text.split(".");
  const groups = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? groups : `${groups}.${fraction}`;
}

/** `positive;negative;zero`, each of them places for digits, with text between them. */
function formatPattern(value: Exact, format: string): string {
  const [positive = "", negative = "", zero = ""] = format.split(";");
  if (value.digits === 0n && zero !== "") return fillPlaces(absoluteOf(value), zero);
  if (value.digits >= 0n) return fillPlaces(value, positive);
  const text = fillPlaces(absoluteOf(value), negative === "" ? positive : negative);
  return negative === "" ? signed(value, text) : text;
}

function fillPlaces(value: Exact, pattern: string): string {
  return fillPattern(
    pattern.includes("%") ? { digits: value.digits * 100n, scale: value.scale } : value,
    [...pattern.matchAll(/'[^']*'|"[^"]*"|\\.|[^]/g)].map(([token]) => token),
  );
}

/** Digits fall into their places from the right; what is too many stands before the first one. */
function fillPattern(value: Exact, tokens: readonly string[]): string {
  const point = tokens.includes(".") ? tokens.indexOf(".") : tokens.length;
  const before = tokens.slice(0, point).filter(isPlace);
  const after = tokens.slice(point).filter(isPlace);
  const { whole, fraction } = digitsFor(value, before, after);
  const groups = tokens.slice(0, point).includes(",");
  let place = 0;
  const write = (token: string): string => {
    if (token === ",") return "";
    if (token === ".") return fraction === "" ? "" : ".";
    if (!isPlace(token)) return token.replace(/^(['"])(.*)\1$/s, "$2").replace(/^\\/, "");
    const at = place++;
    if (at >= before.length) return fraction[at - before.length] ?? "";
    const end = whole.length - before.length + at + 1;
    const digits = whole.slice(at === 0 ? 0 : Math.max(0, end - 1), Math.max(0, end));
    return groups ? withCommas(digits, whole.length - end) : digits;
  };
  return tokens.map(write).join("");
}

function isPlace(token: string): boolean {
  return token === "0" || token === "#";
}

interface Digits {
  readonly whole: string;
  readonly fraction: string;
}

/** From the first 0 of the whole part and up to the last one of the fraction, there is always a digit. */
function digitsFor(value: Exact, before: readonly string[], after: readonly string[]): Digits {
  const [whole = "", fraction = ""] = fixed(value, after.length).split(".");
  const least = before.includes("0") ? before.length - before.indexOf("0") : 0;
  const needed = after.lastIndexOf("0") + 1;
  return {
    whole: whole.replace(/^0+/, "").padStart(least, "0"),
    fraction: fraction.slice(0, needed) + fraction.slice(needed).replace(/0+$/, ""),
  };
}

/** @param following how many digits stand to the right */
function withCommas(digits: string, following: number): string {
  return Array.from(digits)
    .map((digit, index) => {
      const right = digits.length - index - 1 + following;
      return right > 0 && right % 3 === 0 ? `${digit},` : digit;
    })
    .join("");
}
