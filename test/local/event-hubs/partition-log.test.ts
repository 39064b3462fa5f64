import { expect, test } from "vitest";
import { PartitionLog } from "../../../local/event-hubs/state/partition-log.ts";

function createLog(capacity: number, events: number): PartitionLog {
  const log = new PartitionLog(capacity);
  // Ten bytes each, two events per millisecond.
  for (let event = 0; event < events; event += 1) {
    log.append(10, Math.floor(event / 2), ({ sequenceNumber }) => Buffer.from(String(sequenceNumber)));
  }
  return log;
}

test("keeps the latest and forgets the oldest", () => {
  const log = createLog(4, 10);
  expect([log.first, log.next]).toEqual([6, 10]);
  expect(log.get(5)).toBeUndefined();
  expect(log.get(10)).toBeUndefined();
  expect([6, 7, 8, 9].map((number) => log.get(number)?.payload.toString())).toEqual(["6", "7", "8", "9"]);
  expect(log.last).toMatchObject({ sequenceNumber: 9, offset: 90, enqueuedAt: 4 });
});

test.each([
  ["latest", { kind: "latest" }, 10],
  ["the oldest kept", { kind: "offset", value: -1, inclusive: false }, 6],
  ["an offset that is gone", { kind: "offset", value: 20, inclusive: true }, 6],
  ["after an offset", { kind: "offset", value: 70, inclusive: false }, 8],
  ["at an offset", { kind: "offset", value: 70, inclusive: true }, 7],
  ["after a sequence number", { kind: "sequenceNumber", value: 8, inclusive: false }, 9],
  ["at a sequence number", { kind: "sequenceNumber", value: 8, inclusive: true }, 8],
  ["after a time", { kind: "enqueuedAt", value: 3, inclusive: false }, 8],
  ["at a time", { kind: "enqueuedAt", value: 4, inclusive: true }, 8],
  ["beyond the end", { kind: "sequenceNumber", value: 99, inclusive: false }, 10],
] as const)("finds %s", (_name, position, expected) => {
  expect(createLog(4, 10).find(position)).toBe(expected);
});

test("an empty log has no first event", () => {
  const log = createLog(4, 0);
  expect([log.first, log.next, log.last]).toEqual([0, 0, undefined]);
  expect(log.find({ kind: "offset", value: -1, inclusive: false })).toBe(0);
});
