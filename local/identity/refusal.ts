import { randomUUID } from "node:crypto";
import { jsonResponse, type WebResponse } from "../web-server.ts";

/** Why no token is given; number and text as Entra's `AADSTS…` errors. */
export interface TokenRefusal {
  readonly status: number;
  readonly error: string;
  readonly number: number;
  readonly text: string;
}

/** https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
export const missingParameter = (name: string): TokenRefusal => ({
  status: 400,
  error: "invalid_request",
  number: 900144,
  text: `The request body must contain the following parameter: '${name}'.`,
});

/** As Entra ID writes errors. @param now milliseconds since 1970 */
export function toRefusal({ status, error, number, text }: TokenRefusal, now: number): WebResponse {
  const ids = { trace_id: randomUUID(), correlation_id: randomUUID() };
  const timestamp = new Date(now).toISOString().replace(/T(.*)\..*$/, " $1Z");
  return jsonResponse(status, {
    error,
    error_description: `AADSTS${number}: ${text} Trace ID: ${ids.trace_id} Correlation ID: ${ids.correlation_id} Timestamp: ${timestamp}`,
    error_codes: [number],
    timestamp,
    ...ids,
    error_uri: `https://login.microsoftonline.com/error?code=${number}`,
  });
}
