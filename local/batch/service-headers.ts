import { randomUUID } from "node:crypto";
import type { WebRequest, WebResponse } from "../web-server.ts";
import { isManagementPath } from "./management/routes.ts";

/**
 * What every answer carries. The data plane repeats the client's own id of a request when it is asked to.
 * https://learn.microsoft.com/rest/api/batchservice/http-request-headers
 */
export function withServiceHeaders({ headers, url }: WebRequest, response: WebResponse): WebResponse {
  const id = randomUUID();
  const own = isManagementPath(url.pathname)
    ? { "x-ms-request-id": id, "x-ms-correlation-request-id": headers["x-ms-correlation-request-id"] ?? id }
    : { "request-id": id, dataserviceversion: "3.0", ...toEcho(headers) };
  return { ...response, headers: { ...own, ...response.headers } };
}

function toEcho(headers: WebRequest["headers"]): Readonly<Record<string, string>> {
  const id = headers["client-request-id"];
  const isWanted = headers["return-client-request-id"]?.toLowerCase() === "true";
  return isWanted && id !== undefined ? { "client-request-id": id } : {};
}
