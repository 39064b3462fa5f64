import type { AggregateOptions, DatabaseSync } from "node:sqlite";
import type { Storage } from "../syntax/expression.ts";
import {
  absoluteOf,
  addExact,
  calculate,
  requireFit,
  roundExact,
  toWhole,
  type ExactOperator,
} from "../types/exact-arithmetic.ts";
import { fromStored, toStored, type Exact } from "../types/exact.ts";
import { strict, type Arguments, type NativeFunctions } from "./context.ts";
import { typeOf } from "./conversions.ts";

const LARGEST = { name: "decimal", precision: 38 } as const;

function exact(run: (value: Exact, rest: Arguments) => Exact): ReturnType<typeof strict> {
  return strict(([value, ...rest]) => toStored(run(fromStored(String(value)), rest)));
}

/** Functions of exact numbers (types/exact.ts). */
export const EXACT: NativeFunctions = {
  // The translator names the operator and the result's type.
  exact: strict(([operator, left, right, type]) => {
    const values = [fromStored(String(left)), fromStored(String(right))] as const;
    return toStored(calculate(operator as ExactOperator, ...values, typeOf(type)));
  }),
  exact_abs: exact(absoluteOf),
  exact_sign: exact(({ digits }) => ({ digits: digits === 0n ? 0n : digits < 0n ? -1n : 1n, scale: 0 })),
  exact_floor: exact((value) => toWhole(value, "down")),
  exact_ceiling: exact((value) => toWhole(value, "up")),
  exact_round: exact((value, [places, cut]) =>
    roundExact(value, Number(places), Number(cut ?? 0) === 0 ? "round" : "cut"),
  ),
};

interface Total {
  readonly sum: Exact;
  readonly count: number;
}

/** SUM of exact numbers, also over a window, where rows leave again. @throws SqlError 8115 */
export function registerExactSum(database: DatabaseSync): void {
  const options = {
    start: (): Total => ({ sum: { digits: 0n, scale: 0 }, count: 0 }),
    step: (total: Total, value: Storage) => add(total, value, 1),
    inverse: (total: Total, value: Storage) => add(total, value, -1),
    result: ({ sum, count }: Total) =>
      count === 0 ? null : toStored(requireFit(sum, { ...LARGEST, scale: sum.scale })),
  };
  // The total may be any value, which the types of node:sqlite do not say.
  database.aggregate("t_sum", options as unknown as AggregateOptions);
}

function add({ sum, count }: Total, value: Storage, sign: 1 | -1): Total {
  if (typeof value !== "string") return { sum, count };
  const { digits, scale } = fromStored(value);
  return { sum: addExact(sum, { digits: BigInt(sign) * digits, scale }), count: count + sign };
}
