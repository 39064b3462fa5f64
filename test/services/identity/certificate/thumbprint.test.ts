import { expect, test } from "vitest";
import { parseThumbprint } from "../../../../services/identity/certificate/thumbprint.ts";

const hex = "543D392D4C48F5AEB7F6DD0B6FA4C8DBF986F8AC";
const base64 = "VD05LUxI9a639t0Lb6TI2/mG+Kw=";

test.each([
  hex,
  hex.toLowerCase(),
  hex.match(/../g)!.join(":"),
  ` ${hex.match(/.{8}/g)!.join(" ")} `,
  base64,
  base64.replace("=", ""),
  base64.replaceAll("/", "_").replaceAll("+", "-").replace("=", ""),
])("%s is read as both forms", (text) => {
  expect(parseThumbprint(text)).toEqual({ hex, base64 });
});

test.each(["", "worker.crt", hex.slice(1), `${hex}00`, "not hex, not base64"])(
  "%j is no thumbprint",
  (text) => {
    expect(parseThumbprint(text)).toBeUndefined();
  },
);
