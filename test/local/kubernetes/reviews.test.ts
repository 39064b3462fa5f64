import { afterAll, beforeAll, expect, test } from "vitest";
import { aksApplication } from "../../../local/kubernetes/authentication.ts";
import { systemClock } from "../../../local/part.ts";
import { type LocalKubernetes, startLocalKubernetes } from "./local-kubernetes.ts";

let local: LocalKubernetes;
let now = Date.now();
beforeAll(async () => {
  local = await startLocalKubernetes({
    clock: { ...systemClock, now: () => now },
    access: [{ serviceAccount: "system:serviceaccount:jobs:default", namespaces: ["jobs"] }],
  });
});
afterAll(() => local.stop());

interface Answer {
  readonly code?: number;
  readonly message?: string;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status: Readonly<Record<string, unknown>>;
}

const send = (path: string, token: string, body?: object): Promise<Response> =>
  fetch(local.kubernetes.url + path, {
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body && { method: "POST", body: JSON.stringify(body) }),
  });

const post = async (path: string, token: string, body: object): Promise<Answer> =>
  (await (await send(path, token, body)).json()) as Answer;

const review = (kind: string, token: string, spec: object): Promise<Answer> =>
  post(`/apis/authorization.k8s.io/v1/${kind}`, token, { spec });

const mayI = async (token: string, resourceAttributes: object): Promise<unknown> =>
  (await review("selfsubjectaccessreviews", token, { resourceAttributes })).status["allowed"];

const requestToken = (spec: object = {}, name = "default"): Promise<Answer> =>
  post(`/api/v1/namespaces/jobs/serviceaccounts/${name}/token`, local.kubernetes.adminToken, { spec });

const newToken = async (): Promise<string> => String((await requestToken()).status["token"]);

test("the administrator may do everything; a service account what it was given", async () => {
  expect(await mayI(local.kubernetes.adminToken, { verb: "delete", resource: "nodes" })).toBe(true);
  const token = await newToken();
  expect(await mayI(token, { verb: "create", resource: "pods", namespace: "jobs" })).toBe(true);
  expect(await mayI(token, { verb: "create", resource: "pods", namespace: "default" })).toBe(false);
  expect(await mayI(token, { verb: "list", resource: "pods" })).toBe(false);
  expect((await send("/api/v1/namespaces/jobs/pods", token)).status).toBe(200);
  expect((await send("/api/v1/namespaces/default/pods", token)).status).toBe(403);
});

test("paths that are no resources, and what is no question", async () => {
  const token = await newToken();
  const ask = (spec: object): Promise<Answer> => review("selfsubjectaccessreviews", token, spec);
  const open = await ask({ nonResourceAttributes: { path: "/apis/batch/v1", verb: "get" } });
  expect(open.status["allowed"]).toBe(true);
  const closed = await ask({ nonResourceAttributes: { path: "/metrics", verb: "get" } });
  expect(closed.status["allowed"]).toBe(false);
  expect(await ask({})).toMatchObject({
    code: 422,
    message: expect.stringContaining(
      "exactly one of nonResourceAttributes or resourceAttributes must be specified",
    ) as string,
  });
});

test("the rules in a namespace are told", async () => {
  const token = await newToken();
  const rules = async (namespace: string): Promise<unknown> => {
    const { status } = await review("selfsubjectrulesreviews", token, { namespace });
    return (status["resourceRules"] as { resources: string[] }[]).map(({ resources }) => resources);
  };
  expect(await rules("jobs")).toContainEqual(["*"]);
  expect(await rules("default")).toEqual([
    ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
    ["selfsubjectreviews"],
  ]);
  expect(await review("selfsubjectrulesreviews", token, {})).toMatchObject({ code: 400 });
});

test("who one is, is told: an account with its groups, an identity by its object id", async () => {
  const whoAmI = async (token: string): Promise<unknown> =>
    (await post("/apis/authentication.k8s.io/v1/selfsubjectreviews", token, {})).status["userInfo"];
  expect(await whoAmI(await newToken())).toEqual({
    username: "system:serviceaccount:jobs:default",
    groups: ["system:serviceaccounts", "system:serviceaccounts:jobs", "system:authenticated"],
  });
  const { token } = (await local.credential().getToken(`${aksApplication}/.default`))!;
  expect(await whoAmI(token)).toEqual({
    username: local.operator.principalId,
    groups: ["system:authenticated"],
  });
  expect(await whoAmI(local.kubernetes.adminToken)).toMatchObject({ username: "admin" });
});

test("a token of an account runs out", async () => {
  const { spec, status } = await requestToken({ expirationSeconds: 600 });
  expect(spec).toEqual({ audiences: [local.kubernetes.url], expirationSeconds: 600 });
  expect(Math.abs(Date.parse(String(status["expirationTimestamp"])) - now - 600_000)).toBeLessThan(1_000);
  const list = async (): Promise<number> =>
    (await send("/api/v1/namespaces/jobs/pods", String(status["token"]))).status;
  expect(await list()).toBe(200);
  now += 600_000;
  expect(await list()).toBe(401);
  expect(await requestToken({ expirationSeconds: 60 })).toMatchObject({
    code: 422,
    message: expect.stringContaining("may not specify a duration less than 10 minutes") as string,
  });
  expect(await requestToken({}, "nobody")).toMatchObject({ code: 404 });
});

test("a token for the outside is one the directory verifies", async () => {
  const { status } = await requestToken({ audiences: ["api://AzureADTokenExchange"] });
  const [, claims = ""] = String(status["token"]).split(".");
  expect(JSON.parse(Buffer.from(claims, "base64url").toString())).toMatchObject({
    sub: "system:serviceaccount:jobs:default",
  });
});
