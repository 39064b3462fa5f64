import type { IncomingMessage } from "node:http";
import type { TypedData } from "../invoker.ts";
import { toSetCookie, type RpcCookie } from "./cookies.ts";

/** What a function returned, ready for the socket. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Uint8Array;
}

interface RpcHttpResponse {
  readonly statusCode?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly RpcCookie[];
  readonly body?: TypedData | null;
}

/** RpcHttp as the host sends it to the worker. A key that stands twice in the query comes as `a,b`, as in Azure. */
export function toRpcRequest(
  request: IncomingMessage,
  url: URL,
  params: Readonly<Record<string, string>>,
  body: Uint8Array,
): TypedData {
  const query = Object.fromEntries(
    [...new Set(url.searchParams.keys())].map((key) => [key, url.searchParams.getAll(key).join(",")]),
  );
  return {
    http: {
      method: request.method,
      url: url.href,
      headers: joinedHeaders(request),
      query,
      params,
      ...(body.length > 0 && { body: { bytes: body } }),
    },
  };
}

/** Headers by lower-case name, several of one name joined with a comma. */
export function joinedHeaders(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
    ),
  );
}

/** A function that returned nothing answers 204: the real host's reading of an empty `$return`. */
export function toAnswer(returned: TypedData | undefined): HttpAnswer {
  if (returned === undefined) return { status: 204, headers: {}, body: new Uint8Array() };
  const { statusCode, headers = {}, cookies = [], body } = (returned.http ?? {}) as RpcHttpResponse;
  return {
    status: Number(statusCode ?? 200),
    headers: cookies.length === 0 ? headers : { ...headers, "set-cookie": cookies.map(toSetCookie) },
    body: toBytes(body),
  };
}

function toBytes(body: TypedData | null | undefined): Uint8Array {
  if (body?.bytes !== undefined) return body.bytes;
  return Buffer.from(body?.string ?? body?.json ?? "");
}
