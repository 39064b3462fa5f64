import type { IncomingMessage, ServerResponse } from "node:http";

/** The request's body is longer than the host takes; the answer is 413. */
export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
}

/**
 * Reads the whole body. A body that says beforehand that it is too long is not read at all: the client hears
 * 413 at once, and one that asked with `Expect: 100-continue` never sends it.
 * @throws {BodyTooLarge} above `limit` bytes.
 */
export async function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  limit: number,
): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > limit) throw new BodyTooLarge();
  if (request.headers.expect?.toLowerCase() === "100-continue") response.writeContinue();
  const chunks: Buffer[] = [];
  let length = 0;
  // Not `for await`: leaving that loop early would destroy the socket before the answer is written.
  return await new Promise((resolve, reject) => {
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else reject(new BodyTooLarge());
    });
    request.on("end", () => {
      resolve(Buffer.concat(chunks));
    });
    request.on("error", reject);
  });
}
