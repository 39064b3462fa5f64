import { cancelScheduled } from "../../state/send.ts";
import { messageNotFound } from "../lock-lost.ts";
import { type Operation, readSequenceNumbers } from "./operation.ts";

export const cancelScheduledMessage: Operation = ({ namespace }, { entity, body }) => {
  const cancelled = readSequenceNumbers(body).map((number) => cancelScheduled(namespace, entity, number));
  if (cancelled.includes(false)) throw messageNotFound();
  return { status: 200 };
};
