import fc from "fast-check";
import { expect, test } from "vitest";
import { parseJsonColumns, toJsonColumns } from "../../../services/tables/json-columns.ts";

test("a short document is one column", () => {
  expect(toJsonColumns({ a: 1 })).toEqual({ json: '{"a":1}' });
});

test("a document of any size and text comes back, each column within what Table Storage takes", () => {
  const text = fc
    .tuple(fc.string({ unit: "grapheme", minLength: 1 }), fc.integer({ min: 1, max: 20_000 }))
    .map(([part, times]) => part.repeat(times).slice(0, 200_000));
  fc.assert(
    fc.property(text, (value) => {
      const document = { value };
      const columns = toJsonColumns(document);
      expect(parseJsonColumns({ rowKey: "x", ...columns })).toEqual(document);
      for (const column of Object.values(columns)) {
        expect(column.length).toBeLessThanOrEqual(32_768);
        // Half a surrogate pair would be lost as UTF-8.
        expect(Buffer.from(column).toString()).toBe(column);
      }
    }),
    { numRuns: 50 },
  );
});
