import { afterEach, describe, expect, it, vi } from "vitest";
import { toRunId } from "../../model/ids.ts";
import { stateContainer, stateFile } from "../../model/run-files.ts";
import { type Control, watchControl } from "../../worker/control.ts";
import { createMemoryFiles } from "./support/memory-files.ts";

const runId = toRunId(new Date(0), "abcdef");
let control: Control | undefined;

afterEach(() => {
  control?.stop();
});

function watch(files = createMemoryFiles()) {
  const onOrder = vi.fn();
  const onError = vi.fn();
  control = watchControl({ files, runId, onOrder, onError });
  const order = (text: string) => files.write(stateContainer, stateFile.control(runId), text);
  return { control, onOrder, onError, order };
}

describe("watchControl", () => {
  it("goes while there is no order", async () => {
    expect(await watch().control.fresh()).toBe("go");
  });

  it("tells an order once, within moments", async () => {
    const { onOrder, order, control: watched } = watch();
    await order('{"order":"stop"}');
    await vi.waitFor(
      () => {
        expect(onOrder).toHaveBeenCalledWith("stop");
      },
      { timeout: 2_500 },
    );
    expect(await watched.fresh()).toBe("stop");
    expect(onOrder).toHaveBeenCalledOnce();
  });

  it("keeps the last order while the file cannot be read", async () => {
    const files = createMemoryFiles();
    files.readChanged = () => Promise.reject(new Error("Blob is away"));
    const { control: watched, onError, onOrder } = watch(files);
    await vi.waitFor(() => {
      expect(onError).toHaveBeenCalled();
    });
    expect(await watched.fresh()).toBe("go");
    expect(onOrder).not.toHaveBeenCalled();
  });
});
