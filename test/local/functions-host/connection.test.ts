import { describe, expect, it } from "vitest";
import { readConnection } from "../../../local/functions-host/connection.ts";

const read = (settings: Record<string, string>): unknown =>
  readConnection("EVENTS", ["fullyQualifiedNamespace"], settings);

describe("a binding's connection", () => {
  it("is a connection string", () => {
    expect(read({ EVENTS: "Endpoint=sb://a/" })).toEqual({ connectionString: "Endpoint=sb://a/" });
  });

  it("is an address with a managed identity", () => {
    expect(read({ EVENTS__fullyQualifiedNamespace: "a", EVENTS__clientId: "c" })).toMatchObject({
      endpoint: "a",
      credential: { clientId: "c" },
    });
    expect(read({ EVENTS__fullyQualifiedNamespace: "a", AZURE_CLIENT_ID: "env" })).toMatchObject({
      credential: { clientId: "env" },
    });
  });

  it("is refused when nothing says where, or it is another kind of identity", () => {
    expect(() => read({})).toThrow('"EVENTS" or "EVENTS__fullyQualifiedNamespace"');
    const other = { EVENTS__fullyQualifiedNamespace: "a", EVENTS__credential: "workload" };
    expect(() => read(other)).toThrow("EVENTS__credential");
  });
});
