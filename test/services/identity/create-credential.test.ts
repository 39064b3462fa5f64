import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createCertificate,
  type CreatedCertificate,
} from "../../../deploy/certificate/create-certificate.ts";
import { type LocalIdentity, type RunningIdentity, startIdentity } from "../../../local/identity/server.ts";
import { createTrustedCertificates } from "../../local/trusted-certificates.ts";
import { type Answer, askAs } from "./ask-as.ts";

const audience = "https://vault.azure.net";
const subject = "system:serviceaccount:sqlfleet:worker";
const nowhere = "http://127.0.0.1:1";
let identity: RunningIdentity;
let folder: string;
let certificate: CreatedCertificate;
let [mine, other]: [LocalIdentity, LocalIdentity] = [newIdentity("mine"), newIdentity("other")];
/** Of every process: whom to trust, and that the authority is a private one. */
let base: Readonly<Record<string, string>>;

function newIdentity(name: string, facts: Partial<LocalIdentity> = {}): LocalIdentity {
  const group = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity";
  const resourceId = `${group}/userAssignedIdentities/${name}`;
  return { name, clientId: randomUUID(), principalId: randomUUID(), resourceId, ...facts };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "identity-"));
  certificate = await createCertificate({
    name: "mine",
    password: "word",
    days: 2,
    now: new Date(),
    bits: 2048,
  });
  mine = newIdentity("mine", {
    secret: "s3cret",
    certificates: [certificate.crt],
    federatedSubjects: [subject],
  });
  other = newIdentity("other");
  const tls = await createTrustedCertificates();
  identity = await startIdentity({ identities: [mine, other], tls });
  await writeFile(join(folder, "ca.pem"), tls.ca);
  await writeFile(join(folder, "token"), identity.issueFederatedToken(subject));
  base = {
    NODE_EXTRA_CA_CERTS: join(folder, "ca.pem"),
    AZURE_TENANT_ID: identity.tenantId,
    AZURE_AUTHORITY_HOST: identity.authorityHost,
    AZURE_DISABLE_INSTANCE_DISCOVERY: "true",
    AZURE_CLIENT_ID: mine.clientId,
  };
});
afterAll(async () => {
  await identity.stop();
  await rm(folder, { recursive: true });
});

const ask = (env: Readonly<Record<string, string | undefined>>): Promise<Answer> =>
  askAs(
    Object.fromEntries(
      Object.entries({ ...base, ...env }).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      ),
    ),
  );
const whoIs = (answer: Answer): string | undefined =>
  "token" in answer
    ? identity.verifyToken(answer.token, { audience })?.appid
    : `${answer.code}: ${answer.message}`;

describe.each(["app-service", "virtual-machine"] as const)("managed identity, %s", (form) => {
  const host = async (...ids: readonly LocalIdentity[]): Promise<Readonly<Record<string, string>>> => {
    const { env } = await identity.openHost({ form, identities: ids.map(({ clientId }) => clientId) });
    // A Batch node is known by what Batch sets; App Service by its endpoint.
    return form === "virtual-machine" ? { ...env, AZ_BATCH_NODE_ID: "tvm-1" } : env;
  };

  test("the user-assigned one that is named answers, whichever others there are", async () => {
    expect(whoIs(await ask(await host(other, mine)))).toBe(mine.clientId);
  });

  test("a client id of another host is IdentityUnknown", async () => {
    const answer = await ask({ ...(await host(other)), AZURE_IDENTITY: "managed" });
    expect(answer).toMatchObject({ code: "IdentityUnknown" });
    expect(answer).toMatchObject({ message: expect.stringContaining(mine.clientId) });
  });

  test("no client id, where there are several or no system-assigned one, is IdentityClientIdMissing", async () => {
    const answer = await ask({ ...(await host(mine, other)), AZURE_CLIENT_ID: undefined });
    expect(answer).toMatchObject({ code: "IdentityClientIdMissing" });
  });
});

test("managed identity where nobody answers is IdentityUnavailable", async () => {
  const env = { AZURE_IDENTITY: "managed", AZURE_POD_IDENTITY_AUTHORITY_HOST: nowhere };
  expect(await ask(env)).toMatchObject({ code: "IdentityUnavailable" });
}, 20_000);

describe("workload identity", () => {
  test("the pod's token is exchanged", async () => {
    expect(whoIs(await ask({ AZURE_FEDERATED_TOKEN_FILE: join(folder, "token") }))).toBe(mine.clientId);
  });

  test("another service account is IdentityRefused; no token file is IdentityUnavailable", async () => {
    await writeFile(
      join(folder, "stranger"),
      identity.issueFederatedToken("system:serviceaccount:other:worker"),
    );
    expect(await ask({ AZURE_FEDERATED_TOKEN_FILE: join(folder, "stranger") })).toMatchObject({
      code: "IdentityRefused",
      message: expect.stringContaining("AADSTS700213"),
    });
    expect(await ask({ AZURE_FEDERATED_TOKEN_FILE: join(folder, "none") })).toMatchObject({
      code: "IdentityUnavailable",
    });
  });
});

describe("service principal with secret", () => {
  test("logs in", async () => {
    expect(whoIs(await ask({ AZURE_CLIENT_SECRET: "s3cret" }))).toBe(mine.clientId);
  });

  test.each([
    ["a wrong secret", { AZURE_CLIENT_SECRET: "canary" }, "IdentityRefused"],
    [
      "an unknown application",
      { AZURE_CLIENT_SECRET: "s3cret", AZURE_CLIENT_ID: randomUUID() },
      "IdentityUnknown",
    ],
    [
      "no client id",
      { AZURE_CLIENT_SECRET: "s3cret", AZURE_CLIENT_ID: undefined },
      "IdentityClientIdMissing",
    ],
    ["no tenant", { AZURE_CLIENT_SECRET: "s3cret", AZURE_TENANT_ID: undefined }, "IdentityNotConfigured"],
    ["no secret", { AZURE_IDENTITY: "secret" }, "IdentityNotConfigured"],
  ])("%s: %j is %s", async (_, env, code) => {
    const answer = await ask(env);
    expect(answer).toMatchObject({ code });
    expect(JSON.stringify(answer)).not.toMatch(/canary|s3cret/);
  });
});

describe("service principal with certificate", () => {
  const named = (): string => `sha1-${certificate.thumbprint.hex.toLowerCase()}.pfx`;
  const env = (): Record<string, string> => ({
    AZ_BATCH_NODE_ID: "tvm-1",
    AZ_BATCH_CERTIFICATES_DIR: join(folder, "certs"),
    AZURE_CLIENT_CERTIFICATE_THUMBPRINT: certificate.thumbprint.base64,
  });
  beforeAll(async () => {
    await mkdir(join(folder, "certs"));
    await writeFile(join(folder, "certs", named()), certificate.pfx);
    await writeFile(join(folder, "certs", `${named()}.pw`), "word");
  });

  test("logs in from the files of a Batch node, and leaves nothing there", async () => {
    expect(whoIs(await ask(env()))).toBe(mine.clientId);
    expect((await readdir(join(folder, "certs"))).sort()).toEqual([named(), `${named()}.pw`]);
  });

  test("one that is not registered is IdentityRefused", async () => {
    expect(await ask({ ...env(), AZURE_CLIENT_ID: other.clientId })).toMatchObject({
      code: "IdentityRefused",
      message: expect.stringContaining("AADSTS700027"),
    });
  });

  test("one that is not there is CertificateMissing", async () => {
    expect(await ask({ ...env(), AZ_BATCH_CERTIFICATES_DIR: folder })).toMatchObject({
      code: "CertificateMissing",
    });
  });
});

describe("Azure CLI", () => {
  const az = dirname(fileURLToPath(new URL("../../fixtures/az/az", import.meta.url)));
  const PATH = [az, dirname(process.execPath), "/usr/bin", "/bin"].join(":");
  const cli = { AZURE_IDENTITY: "cli", PATH, HOME: "/" };

  test("whoever is logged in there", async () => {
    const login = {
      AZ_LOGIN_CLIENT_ID: mine.clientId,
      AZ_LOGIN_SECRET: "s3cret",
      AZ_LOGIN_AUTHORITY: `${identity.authorityHost}/${identity.tenantId}`,
    };
    expect(whoIs(await ask({ ...cli, ...login }))).toBe(mine.clientId);
  });

  test("nobody logged in is IdentityUnavailable", async () => {
    expect(await ask(cli)).toMatchObject({
      code: "IdentityUnavailable",
      message: expect.stringContaining("az login"),
    });
  });
});

test("an authority nobody knows is IdentityUnavailable", async () => {
  const answer = await ask({ AZURE_CLIENT_SECRET: "s3cret", AZURE_AUTHORITY_HOST: "https://localhost:1" });
  expect(answer).toMatchObject({ code: "IdentityUnavailable" });
}, 20_000);
