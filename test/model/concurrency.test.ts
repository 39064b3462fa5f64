import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toServerKey, toSessionId, toSlots } from "../../model/concurrency.ts";
import { interleaveByServer, planMessages } from "../../model/plan-messages.ts";
import type { Target } from "../../model/target.ts";
import { newRunId, sampleTarget } from "../support/sample-run.ts";

describe("toSlots", () => {
  it.each([
    ["Count", 10, { total: 10 }],
    ["Server", 10, { total: 10, perSession: 1 }],
    ["Tag", 3, { total: 3, perSession: 1 }],
    ["MaxPerServer", 4, { total: 64, perSession: 4 }],
    ["MaxPerTag", 100, { total: 200, perSession: 100 }],
  ] as const)("%s with limit %i", (type, limit, slots) => {
    expect(toSlots({ type, limit })).toEqual(slots);
  });
});

describe("toServerKey", () => {
  it.each([
    ["srv1", "SRV1", "tcp:srv1", "srv1,1433", "tcp:Srv1:1433"],
    ["srv1,1500", "tcp:SRV1:1500", "srv1\\instance,1500"],
    ["srv1\\one", "SRV1\\ONE"],
    ["localhost", "(local)", "."],
  ])("is one for %s and its other spellings", (server, ...others) => {
    for (const other of others) expect(toServerKey(other)).toBe(toServerKey(server));
  });

  it("keeps different servers apart", () => {
    const keys = ["srv1", "srv2", "srv1,1434", "srv1\\one", "srv1\\two"].map(toServerKey);
    expect(new Set(keys).size).toBe(5);
  });
});

describe("toSessionId", () => {
  const target = sampleTarget(1, { server: "tcp:SRV1,1433", tag: "Ring-1" });
  it.each([
    ["Count", undefined],
    ["Server", "srv1"],
    ["MaxPerServer", "srv1"],
    ["Tag", "ring-1"],
    ["MaxPerTag", "ring-1"],
  ] as const)("%s", (type, session) => {
    expect(toSessionId({ type, limit: 1 }, target)).toBe(session);
  });
});

describe("interleaveByServer", () => {
  const serversOf = (targets: readonly Target[]): string[] => targets.map(({ server }) => server);

  it("takes servers in turn", () => {
    const targets = ["a", "a", "a", "b", "c", "b"].map((server, index) =>
      sampleTarget(index + 1, { server }),
    );
    expect(serversOf(interleaveByServer(targets))).toEqual(["a", "b", "c", "a", "b", "a"]);
  });

  it("loses none, and keeps the order of a server's own", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "A", "b", "c,1500", "d")), (servers) => {
        const targets = servers.map((server, index) => sampleTarget(index + 1, { server }));
        const sent = interleaveByServer(targets);
        const ids = (list: readonly Target[], key: string): string[] =>
          list.filter(({ server }) => toServerKey(server) === key).map(({ id }) => id);
        expect(sent).toHaveLength(targets.length);
        for (const key of ["a", "b", "c,1500", "d"]) expect(ids(sent, key)).toEqual(ids(targets, key));
      }),
    );
  });
});

describe("planMessages", () => {
  it("names the session, for the types that have one", () => {
    const sending = { runId: newRunId(), bucket: 2, round: 1 };
    const [capped] = planMessages({ ...sending, concurrency: { type: "Server", limit: 1 } }, [
      sampleTarget(1, { server: "SRV1" }),
    ]);
    expect(capped).toMatchObject({ bucket: 2, round: 1, session: "srv1" });
    const [free] = planMessages({ ...sending, concurrency: { type: "Count", limit: 1 } }, [sampleTarget(1)]);
    expect(free).not.toHaveProperty("session");
  });
});
