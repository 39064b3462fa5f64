import type { Run } from "../../model/run.ts";

/** Longer than any call lasts that may still store or start its run, in milliseconds: Azure's front end waits 230 s. */
const longestCall = 300_000;

/**
 * What a run that has not ended needs. leave: its call may still be at it; close: the call died while it stored the
 * run; look: an orchestration has the run in hand, or did not come or not come to its end.
 */
export function planSweep({ state, createdAt }: Run, now: Date): "leave" | "close" | "look" {
  if (state !== "accepting" && state !== "accepted") return "look";
  if (now.getTime() - Date.parse(createdAt) < longestCall) return "leave";
  return state === "accepting" ? "close" : "look";
}
