import { describe, expect, test } from "vitest";
import { toRunId } from "../../../../model/ids.ts";
import type { Runs } from "../../../../services/services.ts";
import { newRunId, sampleRun, sampleTime } from "../../../support/sample-run.ts";

/** What is expected of every store of runs. @param open another instance over the same data, each time. */
export function describeRuns(name: string, open: () => Runs): void {
  describe(`Runs: ${name}`, () => {
    test("a run is read back as it was made; one that was not made is undefined", async () => {
      const runs = open();
      const run = sampleRun(newRunId(), 3);
      await runs.create(run);
      expect(await open().read(run.id)).toEqual(run);
      expect(await runs.read(newRunId())).toBeUndefined();
    });

    test("a run is not made twice", async () => {
      const run = sampleRun(newRunId(), 3);
      await open().create(run);
      await expect(open().create({ ...run, targets: 9 })).rejects.toMatchObject({
        code: "ServiceUnavailable",
      });
      expect((await open().read(run.id))?.targets).toBe(3);
    });

    test("events change the row; a repeated one changes nothing", async () => {
      const runs = open();
      const run = sampleRun(newRunId(), 1);
      await runs.create(run);
      const reached = { type: "reached", state: "running", at: sampleTime } as const;
      const running = await runs.apply(run.id, reached);
      expect(running).toEqual({ ...run, state: "running", startedAt: sampleTime });
      expect(await runs.apply(run.id, { ...reached, at: "2027-01-01T00:00:00.000Z" })).toEqual(running);
      const failure = { code: "ComputeFailed", message: "no quota", help: "ask for some" } as const;
      const ended = await runs.apply(run.id, { type: "ended", state: "failed", at: sampleTime, failure });
      expect(await runs.read(run.id)).toEqual(ended);
      expect(ended).toMatchObject({ state: "failed", failure, endedAt: sampleTime });
    });

    test("an event for a run that is not there is UnknownRun", async () => {
      const event = { type: "cancelRequested", at: sampleTime } as const;
      await expect(open().apply(newRunId(), event)).rejects.toMatchObject({ code: "UnknownRun" });
    });

    test("writers at the same time lose nothing", async () => {
      const run = sampleRun(newRunId(), 1);
      await open().create(run);
      await Promise.all([
        ...Array.from({ length: 5 }, () => open().apply(run.id, { type: "cancelRequested", at: sampleTime })),
        ...(["staging", "enqueueing", "launching", "running", "collecting"] as const).map((state) =>
          open().apply(run.id, { type: "reached", state, at: sampleTime }),
        ),
      ]);
      expect(await open().read(run.id)).toMatchObject({
        state: "collecting",
        cancelRequestedAt: sampleTime,
      });
    });

    test("the newest come first, in pages", async () => {
      const runs = open();
      const future = Array.from({ length: 60 }, (_, index) =>
        sampleRun(toRunId(new Date(Date.UTC(2031, 0, 1, 0, 0, index)), "0a1b2c"), 1),
      );
      await Promise.all(future.map((run) => runs.create(run)));
      const first = await runs.list();
      const newest = future.map(({ id }) => id).reverse();
      expect(first.runs.map(({ id }) => id)).toEqual(newest.slice(0, 50));
      const second = await open().list(first.cursor);
      expect(second.runs.slice(0, 10).map(({ id }) => id)).toEqual(newest.slice(50));
    });

    test("open runs are found however many have ended since, until they end", async () => {
      const runs = open();
      const old = sampleRun(newRunId(new Date("2020-01-01T00:00:00Z")), 1);
      const ended = Array.from({ length: 3 }, () => sampleRun(newRunId(), 1));
      await Promise.all([old, ...ended].map((run) => runs.create(run)));
      const end = { type: "ended", state: "succeeded", at: sampleTime } as const;
      await Promise.all(ended.map(({ id }) => runs.apply(id, end)));
      const readIds = async () => (await open().listOpen()).map(({ id }) => id);
      expect(await readIds()).toContain(old.id);
      for (const { id } of ended) expect(await readIds()).not.toContain(id);
      await runs.apply(old.id, { type: "reached", state: "collecting", at: sampleTime });
      expect((await runs.listOpen()).at(-1)).toMatchObject({ id: old.id, state: "collecting" });
      await runs.apply(old.id, end);
      await runs.apply(old.id, end);
      expect(await readIds()).not.toContain(old.id);
      expect(await runs.read(old.id)).toMatchObject({ state: "succeeded" });
    });

    test("what lists runs lists each once", async () => {
      const runs = open();
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await runs.list(cursor);
        ids.push(...page.runs.map(({ id }) => id));
        cursor = page.cursor;
      } while (cursor);
      expect(new Set(ids).size).toBe(ids.length);
    });

    test("a cursor that is none is refused as such", async () => {
      for (const cursor of ["nonsense", Buffer.from("{}").toString("base64"), "%%%"]) {
        await expect(open().list(cursor)).rejects.toMatchObject({ code: "InvalidCursor" });
      }
    });
  });
}
