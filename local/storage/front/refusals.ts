import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { StorageService } from "./front.ts";

/**
 * Why a request is not let through, in the service's own words.
 * https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes
 */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Says where to get a token. */
  readonly isChallenge?: boolean;
}

export const permissionMismatch: Refusal = {
  status: 403,
  code: "AuthorizationPermissionMismatch",
  message: "This request is not authorized to perform this operation using this permission.",
};
export const keysNotPermitted: Refusal = {
  status: 403,
  code: "KeyBasedAuthenticationNotPermitted",
  message: "Key based authentication is not permitted on this storage account.",
};
export const invalidToken: Refusal = {
  status: 401,
  code: "InvalidAuthenticationInfo",
  message:
    "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.",
  isChallenge: true,
};
export const noAuthentication: Refusal = { ...invalidToken, code: "NoAuthenticationInformation" };
export const invalidUri: Refusal = {
  status: 400,
  code: "InvalidUri",
  message: "The requested URI does not represent any resource on the server.",
};

interface Refused {
  readonly service: StorageService;
  /** `{authorityHost}/{tenant}` */
  readonly authority: string;
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/** Answers with the refusal: XML, from the table service JSON. What the client is still sending is read and dropped. */
export function refuse(refusal: Refusal, { service, authority, incoming, outgoing }: Refused): void {
  const requestId = randomUUID();
  const text = `${refusal.message}\nRequestId:${requestId}\nTime:${new Date().toISOString()}`;
  const { type, body } =
    service === "table"
      ? toJson(refusal.code, text)
      : { type: "application/xml", body: toXml(refusal, text) };
  incoming.resume();
  outgoing.writeHead(refusal.status, refusal.message, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "x-ms-request-id": requestId,
    "x-ms-error-code": refusal.code,
    ...echo(incoming, "x-ms-version"),
    ...echo(incoming, "x-ms-client-request-id"),
    ...(refusal.isChallenge && {
      "www-authenticate": `Bearer authorization_uri=${authority}/oauth2/authorize resource_id=https://storage.azure.com`,
    }),
  });
  outgoing.end(incoming.method === "HEAD" ? undefined : body);
}

function toJson(code: string, value: string): { readonly type: string; readonly body: string } {
  const error = { "odata.error": { code, message: { lang: "en-US", value } } };
  return {
    type: "application/json;odata=minimalmetadata;streaming=true;charset=utf-8",
    body: JSON.stringify(error),
  };
}

/** The service puts a byte order mark in front. */
function toXml({ code }: Refusal, message: string): string {
  return `\uFEFF<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
}

function echo({ headers }: IncomingMessage, name: string): Readonly<Record<string, string>> {
  const value = headers[name];
  return typeof value === "string" ? { [name]: value } : {};
}
