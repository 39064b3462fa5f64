import { once } from "node:events";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import type { Connection } from "tedious";
import { describe, expect, it } from "vitest";
import { createLocalCertificates } from "../../../../local/certificates.ts";
import type { FaultFacts } from "../../../../local/sql-server/tds/faults.ts";
import { batch, type ClientOptions } from "../support/tedious-client.ts";
import { useScriptedServer } from "../support/use-scripted-server.ts";

const { ca, ...tls } = await createLocalCertificates();
const wire = useScriptedServer({ tls, encryption: "strict" });

const strict = { encrypt: "strict", cryptoCredentialsDetails: { ca } } as const;

function client(
  options: ClientOptions["options"] = strict,
  more: Partial<ClientOptions> = {},
): Promise<Connection> {
  return wire.client({ server: "localhost", ...more, options });
}

describe("a strict client", () => {
  it.each(["7_4", "8_0"])("is told the version it asked for (%s)", async (tdsVersion) => {
    const connection = await client({ ...strict, tdsVersion });
    // The one place where tedious keeps what LOGINACK said.
    const { config } = connection as unknown as { config: { options: { tdsVersion: string } } };
    expect(config.options.tdsVersion).toBe(tdsVersion);
    expect((await batch(connection, "rows 3")).sets[0]).toHaveLength(3);
  });

  it("reads many rows over many packets", async () => {
    const { sets } = await batch(await client({ ...strict, packetSize: 8_000 }), "rows 50000");
    expect(sets[0]).toHaveLength(50_000);
    expect(sets[0]!.at(-1)).toEqual([50_000, "row 50000"]);
  });

  it("cancels a request, before and while it is answered, and goes on", async () => {
    const connection = await client();
    for (const text of ["wait", "rowsthenwait 100"]) {
      const answer = batch(connection, text);
      await expect.poll(() => wire.server.counters.read().executing.now).toBe(1);
      connection.cancel();
      expect((await answer).error).toMatchObject({ code: "ECANCEL" });
    }
    expect((await batch(connection, "rows 1")).error).toBeUndefined();
  });

  it("brings an access token of many packets", async () => {
    const token = `header.${"x".repeat(9_000)}.signature`;
    const authentication = { type: "azure-active-directory-access-token", options: { token } } as const;
    await client(strict, { authentication });
    expect(wire.engine.accessTokens).toEqual([token]);
  });

  it("checks the server by its address, too", async () => {
    await client(strict, { server: "127.0.0.1" });
    expect(wire.engine.openSessions).toBe(1);
  });

  it.each([false, true])(
    "does not take a certificate nobody vouches for (trustServerCertificate %s)",
    async (trustServerCertificate) => {
      const connecting = client({ encrypt: "strict", trustServerCertificate });
      await expect(connecting).rejects.toMatchObject({ code: "ESOCKET" });
      expect(wire.server.counters.read().logins).toBe(0);
    },
  );

  it("is told why its login was refused", async () => {
    await expect(client(strict, { password: "no" })).rejects.toMatchObject({ code: "ELOGIN" });
  });
});

describe("faults of strict connections", () => {
  const commits = ({ request }: FaultFacts): boolean => request === "commit";

  it.each([
    ["before", false],
    ["during", true],
    ["after", true],
  ] as const)("cut %s a commit", async (moment, committed) => {
    wire.server.faults.add({ stage: "request", matches: commits, effect: { kind: "cut", moment } });
    const connection = await client();
    await new Promise((resolve) => {
      connection.beginTransaction(resolve);
    });
    const error = await new Promise((resolve) => {
      connection.commitTransaction(resolve);
    });
    expect(error).toMatchObject({ code: "ECONNRESET" });
    expect(wire.engine.calls.includes("commit")).toBe(committed);
    await expect.poll(() => wire.engine.openSessions).toBe(0);
  });

  it.each(["connect", "login"] as const)("cut at %s", async (stage) => {
    wire.server.faults.add({ stage, effect: { kind: "cut", moment: "before" } });
    await expect(client()).rejects.toMatchObject({ code: "ESOCKET" });
    await client();
  });

  it("delay a login and an answer", async () => {
    const effect = { kind: "delay", moment: "before", milliseconds: 60_000 } as const;
    const late = wire.server.faults.add({ stage: "login", effect });
    await expect(client({ ...strict, connectTimeout: 300 })).rejects.toMatchObject({ code: "ETIMEOUT" });
    expect(late.struck).toBe(1);
    wire.server.faults.add({ stage: "request", matches: ({ text }) => text === "rows 1", effect });
    const connection = await client({ ...strict, requestTimeout: 100 });
    expect((await batch(connection, "rows 1")).error).toMatchObject({ code: "ETIMEOUT" });
    expect((await batch(connection, "rows 2")).error).toBeUndefined();
  });
});

describe("a strict server", () => {
  it.each([true, false])("resets a client that begins with PRELOGIN (encrypt %s)", async (encrypt) => {
    const connecting = client({ encrypt, cryptoCredentialsDetails: { ca } });
    await expect(connecting).rejects.toMatchObject({
      code: "ESOCKET",
      message: expect.stringContaining("ECONNRESET") as unknown,
    });
    expect(wire.server.counters.read()).toMatchObject({ logins: 0, failedLogins: 0 });
  });

  it.each([
    ["offers no protocol", {}],
    ["offers another one only", { ALPNProtocols: ["http/1.1"] }],
    ["has no newer TLS than 1.1", { ...oldTls(), ALPNProtocols: ["tds/8.0"] }],
  ])("drops a client that %s", async (_what, options) => {
    const socket = dial(options);
    socket.on("error", () => undefined);
    await new Promise((resolve) => socket.once("close", resolve));
    await expect.poll(() => wire.server.counters.read().connections.now).toBe(0);
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)("speaks %s", async (version) => {
    const socket = dial({ ALPNProtocols: ["tds/8.0"], minVersion: version, maxVersion: version });
    await once(socket, "secureConnect");
    expect([socket.getProtocol(), socket.alpnProtocol]).toEqual([version, "tds/8.0"]);
    socket.destroy();
  });

  it("drops a client whose first message inside TLS is no PRELOGIN", async () => {
    const socket = dial({ ALPNProtocols: ["tds/8.0"] });
    socket.on("error", () => undefined);
    await once(socket, "secureConnect");
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.write(Buffer.from([0x01, 1, 0, 8, 0, 0, 1, 0]));
    await closed;
  });

  function dial(options: ConnectionOptions): TLSSocket {
    return connectTls({ host: "localhost", port: wire.server.port, ca, ...options });
  }
});

/** OpenSSL 3 speaks TLS 1.1 only at its lowest security level. */
function oldTls(): ConnectionOptions {
  return { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" };
}

describe("a server that follows its clients", () => {
  const open = useScriptedServer({ tls });

  it("takes plain, mandatory and strict ones on one port", async () => {
    for (const encrypt of [false, true, "strict"]) {
      const connection = await open.client({
        server: "localhost",
        options: { encrypt, cryptoCredentialsDetails: { ca } },
      });
      expect((await batch(connection, "rows 1")).error).toBeUndefined();
    }
    expect(open.server.counters.read().logins).toBe(3);
  });
});
