import { toServerKey, toSessionId } from "./concurrency.ts";
import type { RunId } from "./ids.ts";
import type { TargetMessage } from "./messages.ts";
import type { RunPlan } from "./run-document.ts";
import type { Target } from "./target.ts";

interface Sending {
  readonly runId: RunId;
  readonly bucket: number;
  readonly round: number;
  readonly concurrency: RunPlan["concurrency"];
}

/** The messages of a bucket's targets, in the order they are sent: servers in turn, so that none comes in a block. */
export function planMessages(sending: Sending, targets: readonly Target[]): readonly TargetMessage[] {
  const { runId, bucket, round, concurrency } = sending;
  return interleaveByServer(targets).map((target) => {
    const session = toSessionId(concurrency, target);
    return { runId, bucket, round, target, ...(session !== undefined && { session }) };
  });
}

/**
 * Each server's first target, then each one's second, and so on; a server's own targets stay in their order. Messages
 * are taken in the order they were sent: lists come sorted by server, and a slow one at the top would fill every slot
 * of the fleet before another had its turn.
 */
export function interleaveByServer(targets: readonly Target[]): readonly Target[] {
  const seen = new Map<string, number>();
  const turns: Target[][] = [];
  for (const target of targets) {
    const server = toServerKey(target.server);
    const turn = seen.get(server) ?? 0;
    seen.set(server, turn + 1);
    (turns[turn] ??= []).push(target);
  }
  return turns.flat();
}
