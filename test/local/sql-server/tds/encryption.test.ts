import { once } from "node:events";
import { connect as connectSocket } from "node:net";
import sql from "mssql";
import type { Connection } from "tedious";
import { afterEach, beforeAll, expect, it } from "vitest";
import { createLocalCertificates, type LocalCertificates } from "../../../../local/certificates.ts";
import { startTdsServer, type TdsServer } from "../../../../local/sql-server/tds/server.ts";
import { createScriptedEngine, PASSWORD, USER } from "../support/scripted-engine.ts";
import { batch, close, type ClientOptions, connect } from "../support/tedious-client.ts";

let certificates: LocalCertificates;
let server: TdsServer | undefined;
const clients: Connection[] = [];

beforeAll(async () => {
  certificates = await createLocalCertificates();
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map(close));
  await server?.stop();
});

async function start(encryption?: "optional" | "required"): Promise<void> {
  const { key, cert } = certificates;
  const engine = createScriptedEngine();
  server = await startTdsServer({
    engine,
    serverName: "tls",
    tls: { key, cert },
    ...(encryption && { encryption }),
  });
}

async function client(options: ClientOptions["options"]): Promise<Connection> {
  const login = { server: "localhost", user: USER, password: PASSWORD };
  const connection = await connect({ ...login, port: server!.port, options });
  clients.push(connection);
  return connection;
}

const trusting = (): ClientOptions["options"] => ({
  encrypt: true,
  cryptoCredentialsDetails: { ca: certificates.ca },
});

it("encrypts for a client that trusts the authority", async () => {
  await start();
  const connection = await client(trusting());
  const { sets } = await batch(connection, "rows 50000");
  expect(sets[0]).toHaveLength(50_000);
});

it("is not trusted without its authority", async () => {
  await start();
  await expect(client({ encrypt: true })).rejects.toMatchObject({ code: "ESOCKET" });
});

it("speaks TDS 8.0, TLS first", async () => {
  await start();
  const connection = await client({ ...trusting(), encrypt: "strict" });
  const { sets } = await batch(connection, "rows 5");
  expect(sets[0]).toHaveLength(5);
});

it("stays plain for a client that wants it so", async () => {
  await start();
  const connection = await client({ encrypt: false });
  expect((await batch(connection, "rows 1")).error).toBeUndefined();
});

it("turns plain clients away when encryption is required", async () => {
  await start("required");
  await expect(client({ encrypt: false })).rejects.toMatchObject({ code: "EENCRYPT" });
  const connection = await client(trusting());
  expect((await batch(connection, "rows 1")).error).toBeUndefined();
});

it("cuts a client whose handshake is in no packets", async () => {
  await start("required");
  const socket = connectSocket(server!.port, "127.0.0.1");
  socket.on("error", () => undefined);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  // PRELOGIN with one option, ENCRYPTION = ON (MS-TDS 2.2.6.5).
  socket.write(Buffer.from("1201000f00000100" + "0100060001ff" + "01", "hex"));
  await once(socket, "data");
  // The beginning of a TLS record of type handshake.
  socket.write(Buffer.from("1603010100", "hex"));
  await closed;
  expect(server!.counters.read().connections.now).toBe(0);
});

it("refuses to start encrypted without a certificate", async () => {
  const engine = createScriptedEngine();
  const starting = startTdsServer({ engine, serverName: "bare", encryption: "required" });
  await expect(starting).rejects.toThrow("certificate");
});

it("stops at once after it refused a login", async () => {
  await start();
  const config = {
    server: "localhost",
    port: server!.port,
    user: USER,
    password: "wrong",
    options: trusting(),
  };
  await expect(new sql.ConnectionPool(config as sql.config).connect()).rejects.toMatchObject({
    code: "ELOGIN",
  });
  await server!.stop();
});
