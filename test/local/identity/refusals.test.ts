import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { type LocalIdentity, type RunningIdentity, startIdentity } from "../../../local/identity/server.ts";
import { createTrustedCertificates } from "../trusted-certificates.ts";

/** Requests as a shell script would write them, and how they are refused. */

const vault = "https://vault.azure.net";
const vaultScope = `${vault}/.default`;
const mine: LocalIdentity = {
  ...{
    name: "mine",
    clientId: randomUUID(),
    principalId: randomUUID(),
    resourceId: "/mine",
    secret: "s3cret",
  },
};
let tls: Awaited<ReturnType<typeof createTrustedCertificates>>;
let running: RunningIdentity;

beforeAll(async () => {
  tls = await createTrustedCertificates();
  running = await startIdentity({ identities: [mine], tls });
  return () => running.stop();
});

test("a machine's endpoint wants a version and a resource it knows", async () => {
  const { tenantId } = running;
  const host = await running.openHost({ form: "virtual-machine", identities: [mine.clientId] });
  const query = async (text: string): Promise<unknown> => {
    const base = host.env["AZURE_POD_IDENTITY_AUTHORITY_HOST"] ?? "";
    const url = `${base}/metadata/identity/oauth2/token?${text}`;
    return (await fetch(url, { headers: { Metadata: "True" } })).json();
  };
  expect(await query(`resource=${vault}`)).toEqual({
    error: "invalid_request",
    error_description: "Required query variable 'api-version' is missing",
  });
  expect(await query(`resource=${vault}&api-version=1999-01-01`)).toMatchObject({
    error: "invalid_request",
  });
  expect(await query("resource=https://nobody.example&api-version=2018-02-01")).toMatchObject({
    error: "invalid_resource",
    error_description: expect.stringContaining(
      `AADSTS500011: The resource principal named https://nobody.example was not found in the tenant named ${tenantId}`,
    ) as string,
  });
  expect(await query(`resource=${vault}/&api-version=2021-02-01`)).toMatchObject({ token_type: "Bearer" });
});

const post = async (path: string, form: Record<string, string>): Promise<Record<string, unknown>> => {
  const { authorityHost, tenantId } = running;
  const body = new URLSearchParams(form);
  const response = await fetch(`${authorityHost}/${tenantId}/${path}`, { method: "POST", body });
  return { status: response.status, ...((await response.json()) as object) };
};

test("what a request lacks is named", async () => {
  const path = "oauth2/v2.0/token";
  expect(await post(path, {})).toMatchObject({
    ...{ status: 400, error: "invalid_request", error_codes: [900144] },
    error_description: expect.stringMatching(
      /^AADSTS900144: The request body must contain the following parameter: 'grant_type'\. Trace ID: /,
    ) as string,
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/) as string,
  });
  const form = { grant_type: "client_credentials", client_id: mine.clientId, client_secret: "s3cret" };
  expect(await post(path, form)).toMatchObject({
    error_description: expect.stringContaining("parameter: 'scope'") as string,
  });
  expect(await post(path, { ...form, scope: "https://nobody.example/.default" })).toMatchObject({
    ...{ status: 400, error: "invalid_resource", error_codes: [500011] },
  });
  expect(await post(path, { ...form, scope: vault })).toMatchObject({ error: "invalid_scope" });
  expect(await post(path, { ...form, scope: vaultScope, grant_type: "password" })).toMatchObject({
    error: "unsupported_grant_type",
  });
});

test("the endpoint of version 1 takes a resource", async () => {
  const { verifyToken } = running;
  const form = { grant_type: "client_credentials", client_id: mine.clientId, client_secret: "s3cret" };
  expect(await post("oauth2/token", form)).toMatchObject({ error_codes: [900144] });
  const answer = await post("oauth2/token", { ...form, resource: vault });
  expect(answer).toMatchObject({
    status: 200,
    token_type: "Bearer",
    expires_in: "86400",
    resource: vault,
  });
  expect(verifyToken(String(answer["access_token"]), { audience: vault })?.appid).toBe(mine.clientId);
});
