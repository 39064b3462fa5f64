import { afterAll, beforeAll } from "vitest";
import { describeJobs } from "../../services/contract/kubernetes-jobs.ts";
import { describeKubernetes } from "../../services/contract/kubernetes.ts";
import { type LocalKubernetes, startLocalKubernetes } from "./local-kubernetes.ts";

let local: LocalKubernetes;
beforeAll(async () => {
  local = await startLocalKubernetes();
});
afterAll(() => local.stop());

const subject = () => ({
  config: local.config,
  namespace: "jobs",
  image: "shell",
  patience: 8_000,
});

describeKubernetes("local stand-in", subject);
describeJobs("local stand-in", subject);
