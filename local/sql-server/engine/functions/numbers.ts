import { createHash, randomUUID } from "node:crypto";
import type { Storage } from "../syntax/expression.ts";
import { divideByZero } from "../errors.ts";
import { bytesOf } from "../types/convert-text.ts";
import { strict, type NativeFunctions } from "./context.ts";
import { typeOf } from "./conversions.ts";

type Present = NonNullable<Storage>;

/** Whole numbers are divided toward zero; beyond 2^53 exactly. */
function divide(left: Present, right: Present, whole: boolean): Storage {
  if (Number(right) === 0) throw divideByZero();
  if (!whole) return Number(left) / Number(right);
  if (typeof left === "bigint" || typeof right === "bigint") return wholeOf(left) / wholeOf(right);
  return Math.trunc(Number(left) / Number(right));
}

function remainder(left: Present, right: Present): Storage {
  if (Number(right) === 0) throw divideByZero();
  if (typeof left === "bigint" || typeof right === "bigint") return wholeOf(left) % wholeOf(right);
  return Number(left) % Number(right);
}

function wholeOf(value: Present): bigint {
  return typeof value === "bigint" ? value : BigInt(Math.trunc(Number(value)));
}

/** Half away from zero, as its decimal digits say. @param cut ROUND(x, n, 1) */
function round(value: number, places: number, cut: boolean): number {
  const shifted = Number(`${Math.abs(value)}e${places}`);
  const whole = cut ? Math.floor(shifted) : Math.round(shifted);
  return Math.sign(value) * Number(`${whole}e${-places}`);
}

function mathematics(run: (value: number) => number): ReturnType<typeof strict> {
  return strict(([value]) => run(Number(value)));
}

const HASHES: Readonly<Record<string, string>> = {
  MD5: "md5",
  SHA: "sha1",
  SHA1: "sha1",
  SHA2_256: "sha256",
  SHA2_512: "sha512",
};

export const NUMBERS: NativeFunctions = {
  div: strict(([left = 0, right = 0, whole]) => divide(left, right, whole === 1)),
  mod: strict(([left = 0, right = 0]) => remainder(left, right)),
  xor: strict(([left = 0, right = 0]) => wholeOf(left) ^ wholeOf(right)),
  round: strict(([value, places, cut]) => round(Number(value), Number(places), Number(cut ?? 0) !== 0)),
  floor: mathematics(Math.floor),
  ceiling: mathematics(Math.ceil),
  sqrt: mathematics(Math.sqrt),
  exp: mathematics(Math.exp),
  log: strict(([value, base]) => Math.log(Number(value)) / (base === undefined ? 1 : Math.log(Number(base)))),
  log10: mathematics(Math.log10),
  power: strict(([value, exponent]) => Number(value) ** Number(exponent)),
  newid: { pure: false, run: () => randomUUID().toUpperCase() },
  hashbytes: strict(([algorithm, value = "", type]) => {
    const name = HASHES[String(algorithm).toUpperCase()];
    return name === undefined
      ? null
      : createHash(name)
          .update(bytesOf(value, typeOf(type)))
          .digest();
  }),
  checksum: {
    pure: true,
    // Not SQL Server's numbers; equal for equal values, which is what scripts use it for.
    run: (values) =>
      createHash("md5").update(values.map(String).join("\u0000").toLowerCase()).digest().readInt32LE(0),
  },
};
