import fc from "fast-check";
import { expect, it } from "vitest";
import {
  createMessageReader,
  encodePackets,
  type Message,
} from "../../../../local/sql-server/tds/packets.ts";

/** Feeds bytes in pieces, cut where the numbers say. */
function readInPieces(bytes: Buffer, cuts: readonly number[]): readonly Message[] {
  const messages: Message[] = [];
  const read = createMessageReader((message) => messages.push(message));
  let from = 0;
  for (const cut of [...cuts, bytes.length].sort((one, other) => one - other)) {
    if (cut > from && cut <= bytes.length) {
      read(bytes.subarray(from, cut));
      from = cut;
    }
  }
  return messages;
}

it("puts messages together however they are framed and however they arrive", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 9, max: 64 }),
      fc.array(fc.nat(1_000)),
      (payloads, packetSize, cuts) => {
        const framed = payloads.map((payload, index) =>
          encodePackets(Buffer.from(payload), { type: index + 1, packetSize, firstId: 1, last: true }),
        );
        const messages = readInPieces(Buffer.concat(framed), cuts);
        expect(messages.map(({ payload }) => Uint8Array.from(payload))).toEqual(payloads);
        expect(messages.map(({ type }) => type)).toEqual(payloads.map((_, index) => index + 1));
      },
    ),
  );
});

it("reads what the first packet asks and what the last one takes back", () => {
  const header = (status: number): Buffer => Buffer.from([1, status, 0, 9, 0, 0, 1, 0, 65]);
  const [reset] = readInPieces(Buffer.concat([header(0x08), header(0x01)]), []);
  expect(reset).toMatchObject({ reset: true, ignored: false });
  const [ignored] = readInPieces(Buffer.concat([header(0x00), header(0x03)]), []);
  expect(ignored).toMatchObject({ reset: false, ignored: true });
});

it("refuses a packet shorter than its header", () => {
  expect(() => readInPieces(Buffer.from([1, 1, 0, 7, 0, 0, 1, 0]), [])).toThrow(RangeError);
});
