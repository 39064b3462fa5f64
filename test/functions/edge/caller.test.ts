import { HttpRequest } from "@azure/functions";
import { describe, expect, test } from "vitest";
import { readCaller } from "../../../functions/edge/caller.ts";

const request = (headers: Record<string, string>, query: Record<string, string> = {}): HttpRequest =>
  new HttpRequest({ method: "POST", url: "https://app.example/api/runs", headers, query });
const principal = Buffer.from(
  JSON.stringify({
    auth_typ: "aad",
    claims: [
      { typ: "preferred_username", val: "ops@example.org" },
      { typ: "roles", val: "sqlfleet.read" },
      { typ: "roles", val: "sqlfleet.operate" },
    ],
  }),
).toString("base64");

describe("who calls", () => {
  test("is a key's fingerprint, the same from header and query, and not the key", () => {
    const { who } = readCaller(request({ "x-functions-key": "a-secret-key" }), false);
    expect(who).toMatch(/^key [0-9a-f]{8}$/);
    expect(readCaller(request({}, { code: "a-secret-key" }), false).who).toBe(who);
    expect(readCaller(request({ "x-functions-key": "another" }), false).who).not.toBe(who);
  });

  test("is the principal of App Service authentication, with its roles", () => {
    expect(readCaller(request({ "x-ms-client-principal": principal }), true)).toMatchObject({
      who: "ops@example.org",
      roles: ["sqlfleet.read", "sqlfleet.operate"],
    });
  });

  test("is not what a caller says of themselves where the platform does not authenticate", () => {
    const headers = { "x-ms-client-principal": principal, "x-functions-key": "k" };
    expect(readCaller(request(headers), false)).toMatchObject({
      who: expect.stringMatching(/^key /),
      roles: [],
    });
  });

  test.each(["", "nonsense", Buffer.from('{"claims":1}').toString("base64")])(
    "a principal like %j has no role",
    (header) => {
      expect(readCaller(request({ "x-ms-client-principal": header }), true)).toMatchObject({
        who: "unknown",
        roles: [],
      });
    },
  );

  test("comes from the address the front end added, not from one the caller sent along", () => {
    const headers = { "x-forwarded-for": "10.0.0.1, 203.0.113.9:52144" };
    expect(readCaller(request(headers), false).from).toBe("203.0.113.9");
    expect(readCaller(request({}), false)).not.toHaveProperty("from");
  });
});
