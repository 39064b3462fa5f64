import { AmqpError } from "../../amqp/errors.ts";
import type { OutboundHandler } from "../../amqp/node.ts";
import type { OutboundLink } from "../../amqp/outbound-link.ts";
import { toDotNetTicks, toInteger } from "../../amqp/values.ts";
import type { MessageQueue } from "../state/message-queue.ts";
import type { MessageReceiver } from "../state/receiver.ts";
import type { Session } from "../state/session.ts";
import { SessionShelf } from "../state/session-shelf.ts";
import type { WireContext } from "./context.ts";

/** Its value is the session's id, or null for whichever session is free. */
export const sessionFilter = "com.microsoft:session-filter";

interface SessionRequest {
  readonly link: OutboundLink;
  readonly queue: MessageQueue;
  readonly receiver: MessageReceiver & { stop(): void };
}

/** A client receives from one session, which it holds while the link lasts. @throws AmqpError */
export function acceptSession(context: WireContext, request: SessionRequest): OutboundHandler {
  const { link, queue, receiver } = request;
  const { shelf } = queue;
  if (!(shelf instanceof SessionShelf)) {
    throw new AmqpError(
      "amqp:not-allowed",
      "A sessionful message receiver cannot be created on an entity that does not require sessions.",
    );
  }
  const id = readSessionId(link);
  const stopWaiting = id === undefined ? waitForSession(context, request, shelf) : undefined;
  if (id !== undefined) answer(link, shelf.accept(id, receiver));
  return {
    flow: () => {
      shelf.pump(receiver);
    },
    closed: () => {
      stopWaiting?.();
      receiver.stop();
      shelf.detach(receiver);
    },
  };
}

/** The attach stays unanswered until a session is free, or the time is up that the client waits. */
function waitForSession(
  { clock }: WireContext,
  { link, receiver }: SessionRequest,
  shelf: SessionShelf,
): () => void {
  let stopTimer = (): void => undefined;
  link.hold();
  const stopWaiting = shelf.acceptNext(receiver, (session) => {
    stopTimer();
    answer(link, session);
  });
  if (!shelf.heldBy(receiver)) {
    stopTimer = clock.after(readPatience(link), () => {
      stopWaiting();
      link.close(
        new AmqpError(
          "com.microsoft:timeout",
          "The operation did not complete within the allotted timeout for accepting the next session.",
        ),
      );
    });
  }
  return () => {
    stopTimer();
    stopWaiting();
  };
}

function answer(link: OutboundLink, session: Session): void {
  link.answer({
    filter: { [sessionFilter]: session.id },
    properties: { "com.microsoft:locked-until-utc": toDotNetTicks(session.holder?.until ?? 0) },
  });
}

function readSessionId(link: OutboundLink): string | undefined {
  const value = link.filter[sessionFilter];
  if (typeof value === "string") return value;
  const described = value as { readonly value?: unknown } | null | undefined;
  return typeof described?.value === "string" ? described.value : undefined;
}

const usualPatience = 60_000;

/** The service gives up a little before the client does, so that the client hears why. */
function readPatience(link: OutboundLink): number {
  const milliseconds = toInteger(link.properties["com.microsoft:timeout"]) ?? usualPatience;
  return Math.max(milliseconds - 500, milliseconds / 2);
}
