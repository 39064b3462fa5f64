import { HttpRequest } from "@azure/functions";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromCursor, toCursor } from "../../../functions/edge/cursor.ts";

const request = (cursor?: string) =>
  new HttpRequest({
    method: "GET",
    url: "http://localhost/api/runs",
    ...(cursor !== undefined && { query: { cursor } }),
  });

describe("cursors", () => {
  test("come back as the token they were made of, whatever it holds", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "grapheme" }), (token) => {
        const { cursor } = toCursor(token);
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(fromCursor(request(cursor))).toBe(token);
      }),
    );
  });

  test("are absent on the last page and on the first call", () => {
    expect(toCursor(undefined)).toEqual({});
    expect(toCursor("")).toEqual({});
    expect(fromCursor(request())).toBeUndefined();
    expect(fromCursor(request(""))).toBeUndefined();
  });

  test("that are none are refused", () => {
    for (const cursor of ["?", "a b", "YQ==", "%00", "_w"]) {
      expect(() => fromCursor(request(cursor)), cursor).toThrow(
        expect.objectContaining({ code: "InvalidCursor" }) as Error,
      );
    }
  });
});
