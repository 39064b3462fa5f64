import { toArray, toMap } from "../../../amqp/values.ts";
import { findReceivable } from "../../state/addresses.ts";
import { lockLost } from "../lock-lost.ts";
import { type Operation, readLockTokens } from "./operation.ts";

/** Extends message locks by the entity's lock duration from now. */
export const renewLock: Operation = ({ namespace }, { entity, body }) => {
  const queue = findReceivable(namespace, entity);
  const expirations = readLockTokens(body).map((token) => {
    const until = queue.renew(token);
    if (until === undefined) throw lockLost();
    return until;
  });
  return { status: 200, body: toMap({ expirations: toArray(expirations, "timestamp") }) };
};
