import { toMap, toTimestamp } from "../../../amqp/values.ts";
import { findReceivable } from "../../state/addresses.ts";
import { findHeldSession, type Operation } from "./operation.ts";

/** Extends a session's lock, and with it the locks of the messages under it. */
export const renewSessionLock: Operation = ({ namespace }, { entity, body }) => {
  const { shelf, session, holder } = findHeldSession(findReceivable(namespace, entity), body);
  return { status: 200, body: toMap({ expiration: toTimestamp(shelf.renew(session, holder)) }) };
};
