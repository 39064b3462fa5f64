import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ClientCertificateCredential,
  ClientSecretCredential,
  WorkloadIdentityCredential,
} from "@azure/identity";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { createPrincipalCertificate } from "../../../local/certificates.ts";
import {
  type LocalIdentity,
  type RunningIdentity,
  startIdentity,
  type TokenClaims,
} from "../../../local/identity/server.ts";
import { type Clock, systemClock } from "../../../local/part.ts";
import { createTrustedCertificates } from "../trusted-certificates.ts";
import { type Answer, askOnHost, type Question } from "./ask-on-host.ts";

const vault = "https://vault.azure.net";
const vaultScope = `${vault}/.default`;

function newIdentity(facts: Partial<LocalIdentity> = {}): LocalIdentity {
  const name = `id-${randomUUID()}`;
  const group = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity";
  const resourceId = `${group}/userAssignedIdentities/${name}`;
  return { name, clientId: randomUUID(), principalId: randomUUID(), resourceId, ...facts };
}

describe("identity", () => {
  let tls: Awaited<ReturnType<typeof createTrustedCertificates>>;
  let running: RunningIdentity | undefined;

  beforeAll(async () => {
    tls = await createTrustedCertificates();
  });
  afterEach(async () => {
    await running?.stop();
    running = undefined;
  });

  const start = async (
    identities: readonly LocalIdentity[],
    settings: { clock?: Clock; lifetimeSeconds?: number } = {},
  ): Promise<RunningIdentity> => (running = await startIdentity({ identities, tls, ...settings }));

  const ask = async (
    form: "app-service" | "virtual-machine",
    ids: readonly LocalIdentity[],
    questions: readonly Question[],
  ): Promise<Answer[]> => {
    const host = await running!.openHost({ form, identities: ids.map((each) => each.clientId) });
    return askOnHost(host.env, questions);
  };
  const claims = (answer: Answer | undefined): TokenClaims | undefined =>
    answer && "token" in answer ? running!.verifyToken(answer.token, { audience: vault }) : undefined;

  describe.each(["app-service", "virtual-machine"] as const)("managed identity, %s", (form) => {
    test("answers for the identity named by client id or resource id", async () => {
      const [first, second] = [newIdentity(), newIdentity()];
      await start([first, second]);
      const [byClient, byResource, byDefault] = await ask(
        form,
        [first, second],
        [
          { credential: "managed", clientId: first.clientId },
          { credential: "managed", resourceId: second.resourceId },
          { credential: "default", clientId: second.clientId },
        ],
      );
      expect(claims(byClient)).toMatchObject({ appid: first.clientId, oid: first.principalId });
      expect(claims(byResource)?.appid).toBe(second.clientId);
      expect(claims(byDefault)?.appid).toBe(second.clientId);
      expect(byClient).toMatchObject({
        expiresOnTimestamp: expect.closeTo(Date.now() + 86_400_000, -5) as number,
      });
    });

    test("refuses an identity of another host, and one nobody has", async () => {
      const [mine, other] = [newIdentity(), newIdentity()];
      await start([mine, other]);
      const answers = await ask(
        form,
        [mine],
        [
          { credential: "managed", clientId: other.clientId },
          { credential: "managed", clientId: randomUUID() },
        ],
      );
      const pattern = form === "app-service" ? /No User Assigned/ : /Identity not found/;
      for (const answer of answers) expect("error" in answer && answer.error).toMatch(pattern);
    });
  });

  test("a machine with several identities wants to know which; with one it takes that", async () => {
    const [first, second] = [newIdentity(), newIdentity()];
    await start([first, second]);
    const host = await running!.openHost({
      form: "virtual-machine",
      identities: [first.clientId, second.resourceId],
    });
    const query = async (text: string, headers: Record<string, string>): Promise<unknown> => {
      const base = host.env["AZURE_POD_IDENTITY_AUTHORITY_HOST"] ?? "";
      const url = `${base}/metadata/identity/oauth2/token?api-version=2018-02-01&${text}`;
      return (await fetch(url, { headers })).json();
    };
    const metadata = { Metadata: "true" };
    expect(await query(`resource=${vault}`, metadata)).toMatchObject({
      error: "invalid_request",
      error_description: expect.stringMatching(/^Multiple user assigned identities exist/) as string,
    });
    expect(await query(`resource=${vault}`, {})).toMatchObject({
      error_description: "Required metadata header not specified",
    });
    expect(await query("", metadata)).toMatchObject({
      error_description: "Required query variable 'resource' is missing",
    });
  });

  describe("token endpoint", () => {
    const options = (): { authorityHost: string; disableInstanceDiscovery: boolean } => ({
      authorityHost: running!.authorityHost,
      disableInstanceDiscovery: true,
    });

    test("a secret", async () => {
      const mine = newIdentity({ secret: "s3cret" });
      const { tenantId, verifyToken } = await start([mine]);
      const good = new ClientSecretCredential(tenantId, mine.clientId, "s3cret", options());
      const { token } = await good.getToken("https://servicebus.azure.net//.default");
      expect(verifyToken(token, { audience: "https://servicebus.azure.net" })?.appid).toBe(mine.clientId);
      const wrong = new ClientSecretCredential(tenantId, mine.clientId, "other", options());
      await expect(wrong.getToken(vaultScope)).rejects.toThrow(/AADSTS7000215/);
      const unknown = new ClientSecretCredential(tenantId, randomUUID(), "s3cret", options());
      await expect(unknown.getToken(vaultScope)).rejects.toThrow(/AADSTS700016/);
    });

    test("a certificate", async () => {
      const [registered, stranger] = await Promise.all([
        createPrincipalCertificate("worker"),
        createPrincipalCertificate("worker"),
      ]);
      const mine = newIdentity({ certificates: [registered.cert] });
      const { tenantId, verifyToken } = await start([mine]);
      const credential = ({ key, cert }: { key: string; cert: string }): ClientCertificateCredential =>
        new ClientCertificateCredential(tenantId, mine.clientId, { certificate: `${key}${cert}` }, options());
      const { token } = await credential(registered).getToken(vaultScope);
      expect(verifyToken(token, { audience: vault })?.appid).toBe(mine.clientId);
      await expect(credential(stranger).getToken(vaultScope)).rejects.toThrow(/AADSTS700027/);
    });

    test("a federated token of a pod", async () => {
      const subject = "system:serviceaccount:sqlfleet:worker";
      const mine = newIdentity({ federatedSubjects: [subject] });
      const { tenantId, verifyToken, issueFederatedToken } = await start([mine]);
      const folder = await mkdtemp(join(tmpdir(), "federated-"));
      const credential = async (name: string, content: string): Promise<WorkloadIdentityCredential> => {
        const tokenFilePath = join(folder, name);
        await writeFile(tokenFilePath, content);
        return new WorkloadIdentityCredential({
          tenantId,
          clientId: mine.clientId,
          tokenFilePath,
          ...options(),
        });
      };
      const { token } = await (await credential("mine", issueFederatedToken(subject))).getToken(vaultScope);
      expect(verifyToken(token, { audience: vault })?.oid).toBe(mine.principalId);
      const other = await credential("other", issueFederatedToken("system:serviceaccount:sqlfleet:api"));
      await expect(other.getToken(vaultScope)).rejects.toThrow(/AADSTS700213/);
      await rm(folder, { recursive: true });
    });

    test("another tenant", async () => {
      const mine = newIdentity({ secret: "s3cret" });
      await start([mine]);
      const credential = new ClientSecretCredential(randomUUID(), mine.clientId, "s3cret", options());
      await expect(credential.getToken(vaultScope)).rejects.toThrow(/AADSTS90002|endpoints/);
    });
  });

  test("a token is refused for another audience, from another stack, changed, or when it has run out", async () => {
    let now = Date.now();
    const mine = newIdentity();
    const clock = { ...systemClock, now: () => now };
    const identity = await start([mine], { clock, lifetimeSeconds: 3600 });
    const [answer] = await ask(
      "virtual-machine",
      [mine],
      [{ credential: "managed", clientId: mine.clientId }],
    );
    const token = answer && "token" in answer ? answer.token : "";
    const verify = (text: string, audience = vault): unknown => identity.verifyToken(text, { audience });
    expect(verify(token)).toMatchObject({ appid: mine.clientId });
    expect(verify(token, "https://storage.azure.com")).toBeUndefined();
    expect(verify(`${token.slice(0, -8)}AAAAAAAA`)).toBeUndefined();
    expect(verify("not.a.token")).toBeUndefined();
    const elsewhere = await startIdentity({ identities: [mine], tls, tenantId: identity.tenantId });
    expect(elsewhere.verifyToken(token, { audience: vault })).toBeUndefined();
    await elsewhere.stop();
    now += 3_600_000;
    expect(verify(token)).toBeUndefined();
  });
});
