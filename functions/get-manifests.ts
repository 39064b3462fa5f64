import { app } from "@azure/functions";
import { Failure } from "../model/failures.ts";
import type { Run } from "../model/run.ts";
import { planManifests, toManifestList } from "../services/kubernetes/plan-manifests.ts";
import { answer } from "./edge/answer.ts";
import { services, settings } from "./edge/app-services.ts";
import { findRun } from "./edge/named-run.ts";

/** What the run's first round is in the cluster, as one List: for people who apply by `kubectl apply -f -`. */
app.http("getManifests", {
  methods: ["GET"],
  route: "compute/kubernetes/manifests",
  authLevel: "function",
  handler: answer(async (request) => {
    const run = await findRun(request.query.get("run") ?? "", services);
    const first = { runId: run.id, round: 1, pods: toPods(run), login: run.plan.auth.kind };
    return { jsonBody: toManifestList(planManifests(settings, first)) };
  }),
});

function toPods({ id, plan }: Run): number {
  if (plan.compute.kind === "kubernetes") return plan.compute.pods;
  throw new Failure("InvalidRequest", `Run ${id} is for ${plan.compute.kind}; it has no manifests.`);
}
