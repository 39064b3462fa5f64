import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, it } from "vitest";
import { batch, run } from "../support/tedious-client.ts";
import { useScriptedServer } from "../support/use-scripted-server.ts";

const wire = useScriptedServer();

const header = (type: number, length: number): Buffer => Buffer.from([type, 1, 0, length, 0, 0, 1, 0]);

async function raw(): Promise<Socket> {
  const socket = connect(wire.server.port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

it.each([
  ["no TDS at all", Buffer.from("GET / HTTP/1.1\r\nHost: here\r\n\r\n")],
  ["a login before PRELOGIN", header(0x10, 8)],
  ["a truncated PRELOGIN", Buffer.concat([header(0x12, 10), Buffer.from([0, 0])])],
  ["an impossible packet length", header(0x12, 3)],
])("closes on %s, and serves the next client", async (_what, bytes) => {
  const socket = await raw();
  socket.on("error", () => undefined);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.write(bytes);
  if (bytes.toString().startsWith("GET")) socket.end();
  await closed;
  expect((await batch(await wire.client(), "rows 1")).error).toBeUndefined();
});

it("forgets clients that come and say nothing", async () => {
  const socket = await raw();
  await expect.poll(() => wire.server.counters.read().connections.now).toBe(1);
  socket.destroy();
  await expect.poll(() => wire.server.counters.read().connections.now).toBe(0);
});

it("stops although a client does not read its answer", async () => {
  const connection = await wire.client();
  const answer = run("rows 2000000", (request) => {
    request.once("row", () => {
      request.pause();
    });
    connection.execSqlBatch(request);
  });
  await expect.poll(() => wire.engine.rowsProduced).toBeGreaterThan(10_000);
  await wire.server.stop();
  expect(wire.engine.rowsProduced).toBeLessThan(2_000_000);
  connection.close();
  expect((await answer).error).toBeDefined();
});
