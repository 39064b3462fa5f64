import { describe, expect, it } from "vitest";
import { isAllowed } from "../../../model/targets/allow-list.ts";
import { parseServerAddress } from "../../../model/targets/server-address.ts";

describe("parseServerAddress", () => {
  it.each([
    ["srv.example.net", { host: "srv.example.net" }],
    ["TCP:Srv.database.windows.net,1433", { host: "srv.database.windows.net", port: 1433 }],
    ["tcp:srv:5433", { host: "srv", port: 5433 }],
    ["localhost,50123", { host: "localhost", port: 50_123 }],
    [String.raw`srv\SQLEXPRESS`, { host: "srv", instance: "SQLEXPRESS" }],
    [String.raw`srv\inst,1444`, { host: "srv", instance: "inst", port: 1444 }],
    [String.raw`(local)\SQLEXPRESS`, { host: "localhost", instance: "SQLEXPRESS" }],
    [".", { host: "localhost" }],
    ["10.0.0.4,1433", { host: "10.0.0.4", port: 1433 }],
    ["[fe80::1]:1433", { host: "fe80::1", port: 1433 }],
    ["fe80::1,1433", { host: "fe80::1", port: 1433 }],
    ["::1", { host: "::1" }],
  ])("reads %s", (server, address) => {
    expect(parseServerAddress(server)).toEqual({ ok: true, value: address });
  });

  it.each([
    "",
    "tcp:",
    "srv,0",
    "srv,65536",
    "srv,port",
    "srv,",
    "srv name",
    "srv/x",
    "srv;Encrypt=no",
    "srv\\",
    "user@srv",
    "http://srv",
    "srv.",
    "*.example.net",
  ])("refuses '%s'", (server) => {
    expect(parseServerAddress(server)).toMatchObject({
      ok: false,
      failures: [{ code: "ServerAddressInvalid" }],
    });
  });
});

describe("isAllowed", () => {
  it.each([
    ["x.database.windows.net", "*.database.windows.net"],
    ["tcp:X.Database.Windows.NET,1433", "*.database.windows.net"],
    ["a.b.database.windows.net", "*.database.windows.net"],
    [String.raw`(local)\SQLEXPRESS`, "localhost"],
    ["localhost,1433", "(local)"],
    ["anything", "*"],
    ["sql-eu-07.corp", "sql-*-*.corp"],
    ["srv,1433", "srv,1433"],
    [String.raw`srv\INST`, String.raw`srv\inst`],
  ])("%s is in %s", (server, pattern) => {
    expect(isAllowed(server, ["other", pattern])).toBe(true);
  });

  it.each([
    ["evil.com/.database.windows.net", "*.database.windows.net"],
    ["x.database.windows.net.evil.com", "*.database.windows.net"],
    ["database.windows.net", "*.database.windows.net"],
    ["xdatabase.windows.net", "*.database.windows.net"],
    ["x.databaseXwindows.net", "*.database.windows.net"],
    ["evil.com,1433;x.database.windows.net", "*.database.windows.net"],
    [String.raw`evil.com\.database.windows.net`, "*.database.windows.net"],
    ["evil.com:1.database.windows.net", "*.database.windows.net"],
    ["ab", "ab*b"],
    ["srv", ""],
    ["srv,1444", "srv,1433"],
    ["srv", "srv,1433"],
    [String.raw`srv\other`, String.raw`srv\inst`],
  ])("%s is not in %s", (server, pattern) => {
    expect(isAllowed(server, [pattern])).toBe(false);
  });

  it("allows nothing when nothing is listed", () => {
    expect(isAllowed("srv", [])).toBe(false);
  });
});
