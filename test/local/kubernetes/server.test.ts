import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aksApplication } from "../../../local/kubernetes/authentication.ts";
import { isAlive } from "../is-alive.ts";
import { type LocalKubernetes, shellJob, startJob, startLocalKubernetes } from "./local-kubernetes.ts";

let local: LocalKubernetes;
beforeAll(async () => {
  local = await startLocalKubernetes();
});
afterAll(() => local.stop());

const get = (path: string, token = local.kubernetes.adminToken, accept = "application/json") =>
  fetch(local.kubernetes.url + path, { headers: { authorization: `Bearer ${token}`, accept } });

const tokenOf = async (who: LocalKubernetes["operator"], audience = aksApplication) =>
  (await local.credential(who).getToken(`${audience}/.default`))!.token;

describe("who may", () => {
  const pods = "/api/v1/namespaces/jobs/pods";

  test("without a token, or with one for something else, nobody gets in", async () => {
    expect((await fetch(local.kubernetes.url + pods)).status).toBe(401);
    expect((await get(pods, "made-up")).status).toBe(401);
    expect((await get(pods, await tokenOf(local.operator, "https://vault.azure.net"))).status).toBe(401);
  });

  test("an identity works in its namespace and nowhere else", async () => {
    const token = await tokenOf(local.operator);
    expect((await get(pods, token)).status).toBe(200);
    const refused = await get("/api/v1/namespaces/default/pods", token);
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ kind: "Status", reason: "Forbidden", code: 403 });
    expect((await get("/api/v1/pods", token)).status).toBe(403);
    expect((await get("/api/v1/namespaces", token)).status).toBe(403);
    expect((await get("/api/v1/namespaces/jobs", token)).status).toBe(200);
    const pod = await get("/api/v1/namespaces/default/pods/a", token);
    expect(await pod.json()).toMatchObject({
      message: `pods "a" is forbidden: User "${local.operator.principalId}" cannot get resource "pods" in API group "" in the namespace "default"`,
    });
  });

  test("an identity without a role sees what there is, and none of it", async () => {
    const token = await tokenOf(local.worker);
    expect((await get("/apis", token)).status).toBe(200);
    expect((await get(pods, token)).status).toBe(403);
  });
});

describe("what there is", () => {
  test("is told: groups, kinds, and that the server validates", async () => {
    const groups = (await (await get("/apis")).json()) as { groups: { name: string }[] };
    expect(groups.groups.map(({ name }) => name)).toEqual([
      ...["batch", "secrets-store.csi.x-k8s.io", "authorization.k8s.io", "authentication.k8s.io"],
    ]);
    const kinds = (await (await get("/apis/batch/v1")).json()) as { resources: { name: string }[] };
    expect(kinds.resources.map(({ name }) => name)).toEqual(["jobs", "jobs/status"]);
    const description = (await (await get("/openapi/v3/apis/batch/v1")).json()) as { paths: object };
    expect(Object.keys(description.paths)).toEqual(["/apis/batch/v1/namespaces/{namespace}/jobs/{name}"]);
  });

  test("and what is not: other kinds, other formats, other methods", async () => {
    expect((await get("/apis/apps/v1/deployments")).status).toBe(404);
    const { url, adminToken } = local.kubernetes;
    const post = (path: string, body: string, type: string) =>
      fetch(url + path, {
        ...{ method: "POST", body },
        headers: { authorization: `Bearer ${adminToken}`, "content-type": type },
      });
    const maps = "/api/v1/namespaces/jobs/configmaps";
    expect((await post(maps, "k8s\0…", "application/vnd.kubernetes.protobuf")).status).toBe(415);
    expect((await post(maps, "{", "application/json")).status).toBe(400);
    expect((await post(maps, "metadata: {name: of-yaml}\ndata: {a: b}", "application/yaml")).status).toBe(
      201,
    );
    expect((await post(`${maps}/a`, "{}", "application/json")).status).toBe(405);
  });

  test("comes as a table to who asks for one", async () => {
    const accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    const table = await (await get("/api/v1/namespaces", undefined, accept)).json();
    expect(table).toMatchObject({
      kind: "Table",
      columnDefinitions: [{ name: "Name" }, { name: "Status" }, { name: "Age" }],
      rows: [
        { cells: ["default", "Active", expect.stringMatching(/^\d+s$/)] },
        { cells: ["jobs", "Active", expect.any(String)] },
      ],
    });
  });

  test("a watch from before what is remembered has to begin anew", async () => {
    const answer = await get("/api/v1/namespaces/jobs/configmaps?watch=true&resourceVersion=0x");
    expect(await answer.json()).toMatchObject({ type: "ERROR", object: { reason: "Expired", code: 410 } });
  });
});

test("stopping leaves no process, also of a pod that does not want to end", async () => {
  const own = await startLocalKubernetes();
  const job = await startJob(
    own,
    shellJob("trap '' TERM; while :; do sleep 0.05; done", { parallelism: 2, completions: 2 }),
  );
  await job.pods((pods) => {
    expect(pods.map(({ status }) => status?.phase)).toEqual(["Running", "Running"]);
  });
  const pids = own.kubernetes.running().map(({ pid }) => pid);
  expect(pids.map(isAlive)).toEqual([true, true]);
  await own.stop();
  expect(pids.map(isAlive)).toEqual([false, false]);
});
