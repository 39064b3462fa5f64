import { createHmac, timingSafeEqual } from "node:crypto";
import type { WebRequest } from "../../web-server.ts";

/**
 * Whether a request carries the signature of one of the account's shared keys.
 * https://learn.microsoft.com/rest/api/batchservice/authenticate-requests-to-the-azure-batch-service
 */
export function isSignedByAccount(
  request: WebRequest,
  account: { readonly name: string; readonly keys: readonly string[] },
): boolean {
  const [, name, signature] = /^SharedKey ([^:]+):(\S+)$/.exec(request.headers["authorization"] ?? "") ?? [];
  if (name !== account.name || signature === undefined) return false;
  const given = Buffer.from(signature, "base64");
  return toLengths(request.body).some((length) => {
    const text = toStringToSign(request, account.name, length);
    return account.keys.some((key) => isSignature(given, key, text));
  });
}

function isSignature(given: Buffer, key: string, text: string): boolean {
  const expected = createHmac("sha256", Buffer.from(key, "base64")).update(text, "utf8").digest();
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Of an empty body: the SDK for JavaScript signs nothing but in a POST, the one for Python whatever it sends. */
function toLengths(body: Buffer): readonly string[] {
  return body.length > 0 ? [String(body.length)] : ["", "0"];
}

const signedHeaders = [
  "content-md5",
  "content-type",
  "date",
  "if-modified-since",
  "if-match",
  "if-none-match",
  "if-unmodified-since",
  "range",
];

function toStringToSign({ method, headers, url }: WebRequest, accountName: string, length: string): string {
  const standard = [
    method,
    headers["content-encoding"] ?? "",
    headers["content-language"] ?? "",
    length,
    ...signedHeaders.map((name) => headers[name] ?? ""),
  ];
  const ocp = Object.keys(headers).filter((name) => name.startsWith("ocp-"));
  const query = [...new Set(url.searchParams.keys())].sort();
  return [
    ...standard,
    ...ocp.sort().map((name) => `${name}:${headers[name] ?? ""}`),
    `/${accountName}${url.pathname}`,
    ...query.map((name) => `${name}:${url.searchParams.getAll(name).join(",")}`),
  ].join("\n");
}
