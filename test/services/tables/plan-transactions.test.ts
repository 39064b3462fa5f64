import { expect, test } from "vitest";
import { toTransactions } from "../../../services/tables/plan-transactions.ts";

const sizesOf = (rows: readonly object[]) => toTransactions(rows, (row) => row).map((part) => part.length);

test("99 rows a transaction: the summary is the hundredth", () => {
  const rows = Array.from({ length: 200 }, (_, index) => ({ index }));
  expect(sizesOf(rows)).toEqual([99, 99, 2]);
  expect(toTransactions(rows, (row) => row).flat()).toEqual(rows);
  expect(sizesOf([])).toEqual([]);
});

test("less than 4 MiB a transaction, and a row that is larger goes alone", () => {
  const row = (bytes: number) => ({ text: "x".repeat(bytes) });
  const megabyte = 1024 * 1024;
  expect(sizesOf(Array.from({ length: 5 }, () => row(megabyte)))).toEqual([2, 2, 1]);
  expect(sizesOf([row(10), row(4 * megabyte), row(10)])).toEqual([1, 1, 1]);
});
