import type { HttpRequest } from "@azure/functions";
import { Failure } from "../../model/failures.ts";

/** A service's continuation token, made fit for a URL; absent when there is no further page. */
export function toCursor(token: string | undefined): { readonly cursor?: string } {
  return token ? { cursor: Buffer.from(token).toString("base64url") } : {};
}

/** @throws InvalidCursor */
export function fromCursor(request: HttpRequest): string | undefined {
  const cursor = request.query.get("cursor");
  if (!cursor) return undefined;
  const token = Buffer.from(cursor, "base64url").toString("utf8");
  if (toCursor(token).cursor !== cursor) throw new Failure("InvalidCursor", "The cursor is not one of ours.");
  return token;
}
