import { afterAll, beforeAll, describe, it } from "vitest";
import { toRunId } from "../../model/ids.ts";
import { stateContainer, stateFile } from "../../model/run-files.ts";
import { type Control, watchControl } from "../../worker/control.ts";
import { type FilesUnderTest, startFilesUnderTest } from "./support/files-under-test.ts";

let blob: FilesUnderTest;
let runs = 0;
const controls: Control[] = [];

beforeAll(async () => {
  blob = await startFilesUnderTest();
});
afterAll(async () => {
  for (const control of controls) control.stop();
  await blob.stop();
});

interface Watched {
  readonly control: Control;
  /** What was told so far. */
  readonly orders: readonly string[];
  readonly errors: readonly unknown[];
  /** Of the control file. */
  readonly path: string;
  readonly write: (text: string) => Promise<void>;
}

/** Watches the order of a run of its own. @param text of the control file before anybody looks */
async function watch(text?: string): Promise<Watched> {
  const runId = toRunId(new Date(0), (runs += 1).toString(16).padStart(6, "0"));
  const path = stateFile.control(runId);
  const write = (content: string): Promise<void> => blob.files.write(stateContainer, path, content);
  if (text !== undefined) await write(text);
  const orders: string[] = [];
  const errors: unknown[] = [];
  const control = watchControl({
    ...{ files: blob.files, runId },
    onOrder: (order) => orders.push(order),
    onError: (error) => errors.push(error),
  });
  controls.push(control);
  return { control, orders, errors, path, write };
}

const stop = '{"order":"stop"}';
const settled = '{"order":"settled"}';
const moments = { timeout: 3_000 };

describe.concurrent("watchControl", () => {
  it("goes while there is no order", async ({ expect }) => {
    const { control, orders, errors } = await watch();
    expect(await control.fresh()).toBe("go");
    expect([orders, errors]).toEqual([[], []]);
  });

  it("tells an order once, within moments", async ({ expect }) => {
    const { control, orders, write } = await watch();
    await write(stop);
    await expect.poll(() => orders, moments).toEqual(["stop"]);
    // Written anew, it is no news.
    await write(stop);
    await write(settled);
    await expect.poll(() => orders, moments).toEqual(["stop", "settled"]);
    expect(await control.fresh()).toBe("settled");
  });

  it("keeps the last order while Blob refuses, and takes the next one", async ({ expect }) => {
    const { control, errors, orders, path, write } = await watch(stop);
    await expect.poll(() => orders, moments).toEqual(["stop"]);
    const effect = { kind: "refuse", status: 403, code: "AuthorizationFailure" } as const;
    blob.faults.add({ method: "GET", path, effect });
    await expect.poll(() => errors.length, moments).toBe(1);
    expect(await control.fresh()).toBe("stop");
    await write(settled);
    await expect.poll(() => orders, moments).toEqual(["stop", "settled"]);
  });

  it("reads on when the connection is cut, without a word", async ({ expect }) => {
    const { errors, orders, path, write } = await watch(stop);
    await expect.poll(() => orders, moments).toEqual(["stop"]);
    const fault = blob.faults.add({ method: "GET", path, effect: { kind: "cut", moment: "after" } });
    await write(settled);
    await expect.poll(() => orders, moments).toEqual(["stop", "settled"]);
    expect([fault.struck, errors]).toEqual([1, []]);
  });

  it("takes the next order though Blob never answers one request", async ({ expect }) => {
    const { orders, path, write } = await watch(stop);
    await expect.poll(() => orders, moments).toEqual(["stop"]);
    const until = new Promise<never>(() => undefined);
    const fault = blob.faults.add({ method: "GET", path, effect: { kind: "hold", until } });
    await expect.poll(() => fault.struck, moments).toBe(1);
    await write(settled);
    await expect.poll(() => orders, { timeout: 15_000 }).toEqual(["stop", "settled"]);
  });

  it("keeps the last order while the file is not one", async ({ expect }) => {
    const { control, errors, orders, write } = await watch(stop);
    await expect.poll(() => orders, moments).toEqual(["stop"]);
    await write("not JSON");
    await expect.poll(() => errors.length, moments).toBeGreaterThan(0);
    expect(await control.fresh()).toBe("stop");
    expect(orders).toEqual(["stop"]);
  });
});
