import { RunPlan } from "../../../model/run-document.ts";

/** A plan as a run document without wishes becomes one. */
export function runPlan(wishes: Partial<RunPlan> = {}): RunPlan {
  return RunPlan.parse({
    package: { name: "release-42", sha256: "0".repeat(64) },
    compute: { kind: "batch", nodes: 1 },
    concurrency: { type: "Count", limit: 4 },
    mode: "commit",
    transaction: "package",
    retry: { attempts: 3 },
    auth: { kind: "Password" },
    description: "",
    ...wishes,
  });
}
