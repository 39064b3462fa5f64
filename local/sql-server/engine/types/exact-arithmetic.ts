import type { SqlType } from "../../session.ts";
import { divideByZero, sqlError } from "../errors.ts";
import { absolute, fitExact, rescale, tenTo, type Exact } from "./exact.ts";
import { digitsOf } from "./sql-type.ts";

export type ExactOperator = "+" | "-" | "*" | "/" | "%";

type Aligned = readonly [left: bigint, right: bigint, scale: number];

const OPERATIONS: Readonly<Record<ExactOperator, (left: Exact, right: Exact, scale: number) => Exact>> = {
  "+": addExact,
  "-": (left, right) => aligned(left, right, ([a, b, scale]) => ({ digits: a - b, scale })),
  "*": (left, right) => ({ digits: left.digits * right.digits, scale: left.scale + right.scale }),
  "/": (left, right, scale) =>
    // SQL Server cuts what does not fit the scale: 2.0/3 is 0.666666.
    aligned(left, right, ([a, b]) => ({ digits: (a * tenTo(scale)) / notZero(b), scale })),
  "%": (left, right) => aligned(left, right, ([a, b, scale]) => ({ digits: a % notZero(b), scale })),
};

/** Whatever its size. */
export function addExact(left: Exact, right: Exact): Exact {
  return aligned(left, right, ([a, b, scale]) => ({ digits: a + b, scale }));
}

function aligned(left: Exact, right: Exact, run: (numbers: Aligned) => Exact): Exact {
  const scale = Math.max(left.scale, right.scale);
  return run([rescale(left, scale, "cut").digits, rescale(right, scale, "cut").digits, scale]);
}

function notZero(divisor: bigint): bigint {
  if (divisor === 0n) throw divideByZero();
  return divisor;
}

/** @throws SqlError 8115, 8134 */
export function calculate(operator: ExactOperator, left: Exact, right: Exact, type: SqlType): Exact {
  return requireFit(OPERATIONS[operator](left, right, digitsOf(type)[1]), type);
}

/** @throws SqlError 8115 */
export function requireFit(value: Exact, type: SqlType): Exact {
  const fitted = fitExact(value, type);
  if (fitted !== undefined) return fitted;
  const name = type.name === "decimal" ? "numeric" : type.name;
  const message = `Arithmetic overflow error converting expression to data type ${name}.`;
  throw sqlError(message, { number: 8115, state: 2 });
}

/** ROUND: half away from zero, or cut; places under zero round whole digits. */
export function roundExact(value: Exact, places: number, mode: "round" | "cut"): Exact {
  if (places >= value.scale) return value;
  if (places >= 0) return rescale(value, places, mode);
  const { digits } = rescale({ digits: value.digits, scale: value.scale - places }, 0, mode);
  return { digits: digits * tenTo(-places), scale: 0 };
}

/** The next whole number above or below. */
export function toWhole(value: Exact, direction: "up" | "down"): Exact {
  const cut = rescale(value, 0, "cut");
  const rest = value.digits - cut.digits * tenTo(value.scale);
  const step = rest === 0n || rest < 0n !== (direction === "down") ? 0n : direction === "up" ? 1n : -1n;
  return { digits: cut.digits + step, scale: 0 };
}

export function absoluteOf({ digits, scale }: Exact): Exact {
  return { digits: absolute(digits), scale };
}
