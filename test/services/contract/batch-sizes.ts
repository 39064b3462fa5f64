import type { Pool } from "@azure/arm-batch";
import { expect, test, vi } from "vitest";
import type { BatchSubject } from "./batch-subject.ts";

/** What a client may expect of the size of the suite's pool, which has two nodes before and after. */
export function describeBatchSizes(open: () => BatchSubject & { readonly poolId: string }): void {
  const eventually = (check: () => Promise<void>): Promise<void> =>
    vi.waitFor(check, { timeout: open().patience, interval: 20 });

  test("a pool has the size its formula says, at once; a formula that cannot be read is refused", async () => {
    const { management, data, resourceGroup, accountName, poolId } = open();
    const scale = (scaleSettings: NonNullable<Pool["scaleSettings"]>) =>
      management.poolOperations.update(resourceGroup, accountName, poolId, { scaleSettings });
    const formula = (targets: string) => ({
      autoScale: { formula: `${targets} $NodeDeallocationOption = taskcompletion;` },
    });
    await expect(scale(formula("$TargetDedicatedNodes = ;"))).rejects.toMatchObject({ statusCode: 400 });
    await scale(formula("$TargetDedicatedNodes = min(3, 1 + $CurrentDedicatedNodes);"));
    await eventually(async () => {
      expect(await data.pool.get(poolId)).toMatchObject({
        enableAutoScale: true,
        currentDedicatedNodes: 3,
        allocationState: "steady",
      });
    });
    await scale({ fixedScale: { targetDedicatedNodes: 2 } });
    await eventually(async () => {
      expect(await data.pool.get(poolId)).toMatchObject({
        enableAutoScale: false,
        currentDedicatedNodes: 2,
      });
    });
  });

  test("a pool grows and shrinks", async () => {
    const { management, data, resourceGroup, accountName, poolId } = open();
    const resize = async (targetDedicatedNodes: number): Promise<void> => {
      const scaleSettings = { fixedScale: { targetDedicatedNodes } };
      await management.poolOperations.update(resourceGroup, accountName, poolId, { scaleSettings });
      await eventually(async () => {
        const nodes = await data.computeNode.list(poolId);
        expect(nodes.filter(({ state }) => state === "idle")).toHaveLength(targetDedicatedNodes);
        expect(nodes).toHaveLength(targetDedicatedNodes);
      });
    };
    await resize(3);
    await resize(2);
  });
}
