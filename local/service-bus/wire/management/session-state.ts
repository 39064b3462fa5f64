import { toBinary, toMap, toNull } from "../../../amqp/values.ts";
import { findReceivable } from "../../state/addresses.ts";
import { findHeldSession, type Operation } from "./operation.ts";

/** What a client keeps with a session; outlives the session's messages until it is set to nothing. */
export const getSessionState: Operation = ({ namespace }, { entity, body }) => {
  const { state } = findHeldSession(findReceivable(namespace, entity), body).session;
  return { status: 200, body: toMap({ "session-state": state ? toBinary(state) : toNull() }) };
};

export const setSessionState: Operation = ({ namespace }, { entity, body }) => {
  const { session } = findHeldSession(findReceivable(namespace, entity), body);
  const state = body["session-state"];
  session.state = Buffer.isBuffer(state) ? state : undefined;
  return { status: 200 };
};
