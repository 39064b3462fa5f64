import { randomUUID } from "node:crypto";
import { jsonResponse, type WebResponse } from "../web-server.ts";

/**
 * A request that is refused, with Batch's own code.
 * https://learn.microsoft.com/rest/api/batchservice/batch-status-and-error-codes
 */
export class BatchError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = "BatchError";
    this.status = status;
    this.code = code;
  }
}

export const notImitated = (what: string): BatchError =>
  new BatchError(400, "UnsupportedByLocalStack", `${what} is not imitated by the local Batch account`);

export const invalid = (name: string, reason: string): BatchError =>
  new BatchError(
    400,
    "InvalidPropertyValue",
    `The value provided for one of the properties is invalid: ${name} ${reason}`,
  );

/** As the data plane writes errors. */
export function toDataError({ status, code, message }: BatchError): WebResponse {
  const value = `${message}\nRequestId:${randomUUID()}\nTime:${new Date().toISOString()}`;
  return jsonResponse(status, {
    "odata.metadata": "$metadata#Microsoft.Azure.Batch.Protocol.Entities.Container.errors/@Element",
    code,
    message: { lang: "en-US", value },
  });
}

/** As the management plane writes errors. */
export const toManagementError = ({ status, code, message }: BatchError): WebResponse =>
  jsonResponse(status, { error: { code, message } });
