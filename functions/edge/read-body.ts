import type { HttpRequest } from "@azure/functions";
import { Failure, type FailureCode } from "../../model/failures.ts";

/** Largest JSON body, in bytes: 128,000 targets of 120 characters. */
const jsonLimit = 16 * 1024 * 1024;

/** @throws BodyTooLarge, InvalidJson */
export async function readJson(request: HttpRequest): Promise<unknown> {
  const body = await readBytes(request, jsonLimit, "BodyTooLarge");
  try {
    // The decoder takes off the byte-order mark that PowerShell and others send.
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    // Without the cause: the parser's message quotes the body, and the body may hold secrets.
    throw new Failure("InvalidJson", "The body is not JSON.");
  }
}

/** @throws tooLarge, judged by Content-Length before a byte is read where there is one */
export async function readBytes(
  request: HttpRequest,
  limit: number,
  tooLarge: FailureCode,
): Promise<Uint8Array> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > limit) throw toTooLarge(tooLarge, declared, limit);
  const body = new Uint8Array(await request.arrayBuffer());
  if (body.byteLength > limit) throw toTooLarge(tooLarge, body.byteLength, limit);
  return body;
}

function toTooLarge(code: FailureCode, bytes: number, limit: number): Failure {
  return new Failure(code, `The body has ${bytes} bytes; at most ${limit} are taken.`);
}
