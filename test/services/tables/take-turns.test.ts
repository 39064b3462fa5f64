import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { createTurns } from "../../../services/tables/take-turns.ts";

test("one key's acts run one after another, in order; other keys do not wait", async () => {
  const inTurn = createTurns();
  const log: string[] = [];
  const act = (name: string) => async () => {
    log.push(`${name} begins`);
    await nextTurn();
    log.push(`${name} ends`);
    return name;
  };
  const results = await Promise.all([
    inTurn("one", act("a")),
    inTurn("one", act("b")),
    inTurn("two", act("c")),
  ]);
  expect(results).toEqual(["a", "b", "c"]);
  expect(log.filter((line) => !line.startsWith("c"))).toEqual(["a begins", "a ends", "b begins", "b ends"]);
  expect(log.indexOf("c begins")).toBeLessThan(log.indexOf("a ends"));
});

test("an act that fails fails alone", async () => {
  const inTurn = createTurns();
  const failing = inTurn("key", () => Promise.reject(new Error("no")));
  const next = inTurn("key", () => Promise.resolve("yes"));
  await expect(failing).rejects.toThrow("no");
  expect(await next).toBe("yes");
});
