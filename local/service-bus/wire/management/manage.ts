import { AmqpError } from "../../../amqp/errors.ts";
import type { ManagementReply, ManagementRequest } from "../../../amqp/node.ts";
import type { AmqpMap } from "../../../amqp/values.ts";
import type { WireContext } from "../context.ts";
import { cancelScheduledMessage } from "./cancel-scheduled-message.ts";
import type { Operation } from "./operation.ts";
import { peekMessage } from "./peek-message.ts";
import { receiveBySequenceNumber } from "./receive-by-sequence-number.ts";
import { renewLock } from "./renew-lock.ts";
import { renewSessionLock } from "./renew-session-lock.ts";
import { scheduleMessage } from "./schedule-message.ts";
import { getSessionState, setSessionState } from "./session-state.ts";
import { updateDisposition } from "./update-disposition.ts";

const operations: Readonly<Record<string, Operation>> = {
  "com.microsoft:cancel-scheduled-message": cancelScheduledMessage,
  "com.microsoft:get-session-state": getSessionState,
  "com.microsoft:peek-message": peekMessage,
  "com.microsoft:receive-by-sequence-number": receiveBySequenceNumber,
  "com.microsoft:renew-lock": renewLock,
  "com.microsoft:renew-session-lock": renewSessionLock,
  "com.microsoft:schedule-message": scheduleMessage,
  "com.microsoft:set-session-state": setSessionState,
  "com.microsoft:update-disposition": updateDisposition,
};

/** @throws AmqpError amqp:not-implemented, or what the operation throws. */
export function manage(context: WireContext, request: ManagementRequest): ManagementReply {
  const operation = operations[request.operation];
  if (!operation) {
    throw new AmqpError("amqp:not-implemented", `The operation '${request.operation}' is not imitated here.`);
  }
  return operation(context, { entity: request.entity, body: (request.body ?? {}) as AmqpMap });
}
