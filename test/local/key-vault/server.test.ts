import { randomUUID } from "node:crypto";
import { ClientSecretCredential } from "@azure/identity";
import { SecretClient } from "@azure/keyvault-secrets";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalIdentity, type RunningIdentity, startIdentity } from "../../../local/identity/server.ts";
import { type RunningKeyVault, startKeyVault } from "../../../local/key-vault/server.ts";
import { jsonResponse, type WebFault } from "../../../local/web-server.ts";
import { describeKeyVault } from "../../services/contract/key-vault.ts";
import { createTrustedCertificates } from "../trusted-certificates.ts";

const newIdentity = (name: string): LocalIdentity => ({
  name,
  clientId: randomUUID(),
  principalId: randomUUID(),
  resourceId: `/identities/${name}`,
  secret: "proof",
});

const [officer, user, stranger] = [newIdentity("officer"), newIdentity("user"), newIdentity("stranger")];
let identity: RunningIdentity;
let vault: RunningKeyVault;
let fault: WebFault | undefined;

const credential = ({ clientId }: LocalIdentity) =>
  new ClientSecretCredential(identity.tenantId, clientId, "proof", {
    authorityHost: identity.authorityHost,
    disableInstanceDiscovery: true,
  });
const options = { disableChallengeResourceVerification: true, retryOptions: { maxRetries: 0 } };
const client = (who: LocalIdentity) => new SecretClient(vault.url, credential(who), options);

beforeAll(async () => {
  const tls = await createTrustedCertificates();
  identity = await startIdentity({ identities: [officer, user, stranger], tls });
  vault = await startKeyVault({
    tls,
    verifyToken: identity.verifyToken,
    authority: `${identity.authorityHost}/${identity.tenantId}`,
    access: [
      { clientId: officer.clientId, permissions: "readWrite" },
      { clientId: user.clientId, permissions: "read" },
    ],
    fault: (request) => fault?.(request),
  });
});
afterAll(() => Promise.all([vault.stop(), identity.stop()]));

describeKeyVault("local stand-in", () => ({
  url: vault.url,
  officer: credential(officer),
  user: credential(user),
  options,
}));

describe("the local vault alone", () => {
  test("an identity without a role is refused until the role arrives", async () => {
    await client(officer).setSecret("late", "value");
    await expect(client(stranger).getSecret("late")).rejects.toMatchObject({
      statusCode: 403,
      message: expect.stringContaining("propagation time") as string,
    });
    vault.assign([
      { clientId: officer.clientId, permissions: "readWrite" },
      { clientId: user.clientId, permissions: "read" },
      { clientId: stranger.clientId, permissions: "read" },
    ]);
    expect((await client(stranger).getSecret("late")).value).toBe("value");
  });

  test("a made-up token is challenged", async () => {
    const response = await fetch(`${vault.url}/secrets/late?api-version=7.4`, {
      headers: { authorization: "Bearer made.up.token" },
    });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toContain('resource="https://vault.azure.net"');
  });

  test("a name the vault would not take, and a value too long", async () => {
    await expect(client(officer).setSecret("under_score", "value")).rejects.toMatchObject({
      statusCode: 400,
    });
    await expect(client(officer).setSecret("long", "x".repeat(25_601))).rejects.toMatchObject({
      statusCode: 400,
    });
  });

  test("faults: refused once, then cut", async () => {
    const bodies = [jsonResponse(429, { error: { code: "Throttled" } }), "cut"] as const;
    let calls = 0;
    fault = () => bodies[calls++];
    await expect(client(officer).getSecret("late")).rejects.toMatchObject({ statusCode: 429 });
    await expect(client(officer).getSecret("late")).rejects.toMatchObject({ code: "ECONNRESET" });
    fault = undefined;
    expect((await client(officer).getSecret("late")).value).toBe("value");
  });

  test("a call without a version of the API, or with an unknown one, is refused", async () => {
    const { token } = await credential(user).getToken("https://vault.azure.net/.default");
    const ask = async (query: string): Promise<unknown> => {
      const answer = await fetch(`${vault.url}/secrets${query}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      return answer.json();
    };
    expect(await ask("")).toMatchObject({ error: { message: "api-version must be specified" } });
    expect(await ask("?api-version=1")).toMatchObject({ error: { code: "BadParameter" } });
    expect(await ask("?api-version=7.4")).toHaveProperty("value");
  });
});
