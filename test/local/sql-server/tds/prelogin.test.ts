import { expect, it } from "vitest";
import {
  agreeOnEncryption,
  decodePrelogin,
  encodePrelogin,
  Encryption,
} from "../../../../local/sql-server/tds/prelogin.ts";

const { off, on, notSupported, required } = Encryption;

it.each([
  { client: off, server: "off", outcome: "none", reply: notSupported },
  { client: on, server: "off", outcome: "none", reply: notSupported },
  { client: required, server: "off", outcome: "refused", reply: notSupported },
  { client: off, server: "optional", outcome: "login", reply: off },
  { client: on, server: "optional", outcome: "all", reply: on },
  { client: required, server: "optional", outcome: "all", reply: on },
  { client: notSupported, server: "optional", outcome: "none", reply: notSupported },
  { client: off, server: "required", outcome: "all", reply: required },
  { client: on, server: "required", outcome: "all", reply: required },
  { client: notSupported, server: "required", outcome: "refused", reply: required },
] as const)("a client saying $client to a server set to $server", ({ client, server, ...agreed }) => {
  expect(agreeOnEncryption(client, server)).toEqual(agreed);
});

it("reads what it writes", () => {
  const bytes = encodePrelogin(Uint8Array.of(16, 0, 0, 0, 0, 0), on);
  expect(decodePrelogin(bytes)).toEqual({ encryption: on });
});

it("takes silence for no encryption", () => {
  expect(decodePrelogin(Buffer.from([0xff]))).toEqual({ encryption: notSupported });
});
