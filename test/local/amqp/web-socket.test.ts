import { ServiceBusClient } from "@azure/service-bus";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { encodeFrame, opcode, parseFrame } from "../../../local/amqp/web-socket/frames.ts";
import { systemClock } from "../../../local/part.ts";
import { type RunningServiceBus, startServiceBus } from "../../../local/service-bus/server.ts";
import { createTrustedCertificates } from "../trusted-certificates.ts";

let bus: RunningServiceBus;

beforeAll(async () => {
  bus = await startServiceBus({
    tls: await createTrustedCertificates(),
    queues: [{ name: "queue" }],
    sharedAccessKey: "bG9jYWwga2V5",
    clock: systemClock,
    acceptToken: () => true,
  });
});
afterAll(() => bus.stop());

test("messages pass over WebSocket, large ones too", async () => {
  const credential = {
    getToken: () => Promise.resolve({ token: "any", expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  const client = new ServiceBusClient(bus.address, credential, {
    webSocketOptions: { webSocket: WebSocket },
    retryOptions: { maxRetries: 0 },
  });
  onTestFinished(() => client.close());
  const bodies = ["small", "large".repeat(40_000)];
  await client.createSender("queue").sendMessages([{ body: bodies[0] }]);
  await client.createSender("queue").sendMessages([{ body: bodies[1] }]);
  const receiver = client.createReceiver("queue");
  const received = [...(await receiver.receiveMessages(1)), ...(await receiver.receiveMessages(1))];
  expect(received.map(({ body }) => body as string)).toEqual(bodies);
});

test("another path is not found", async () => {
  const opening = new WebSocket(`ws://${bus.address}/other`);
  const outcome = await new Promise((resolve) => {
    opening.addEventListener("open", () => {
      resolve("open");
    });
    opening.addEventListener("error", () => {
      resolve("refused");
    });
  });
  expect(outcome).toBe("refused");
});

test.each([0, 125, 126, 65_535, 65_536])("a frame of %d bytes is read as it was written", (length) => {
  const payload = Buffer.alloc(length, 7);
  const encoded = encodeFrame({ opcode: opcode.binary, payload });
  expect(parseFrame(encoded.subarray(0, -1))).toBeUndefined();
  expect(parseFrame(Buffer.concat([encoded, encoded]))).toEqual({
    frame: { opcode: opcode.binary, payload },
    end: encoded.length,
  });
});
