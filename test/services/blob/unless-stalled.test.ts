import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { unlessStalled } from "../../../services/blob/unless-stalled.ts";

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A server whose answers are written by the test, and the client's end of one of them. */
async function ask(answer: (response: ServerResponse) => void): Promise<IncomingMessage> {
  const started = createServer((_request, response) => {
    response.writeHead(200, { "content-length": "6" });
    answer(response);
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  const { port } = started.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port }, resolve).on("error", reject);
  });
}

async function read(bytes: AsyncIterable<Uint8Array>, pause = 0): Promise<string> {
  let text = "";
  for await (const chunk of bytes) {
    text += Buffer.from(chunk).toString();
    await wait(pause);
  }
  return text;
}

describe("unlessStalled", () => {
  it("ends an answer that stops halfway, and lets go of its connection", async () => {
    const answer = await ask((response) => response.write("abc"));
    await expect(read(unlessStalled(answer, 100))).rejects.toThrow("nothing came for 0.1 s");
    expect(answer.destroyed).toBe(true);
  });

  it("gives a slow reader all the time it takes", async () => {
    const answer = await ask((response) => {
      response.write("abc");
      response.end("def");
    });
    expect(await read(unlessStalled(answer, 100), 250)).toBe("abcdef");
  });
});
