import type { TargetMessage } from "../../model/messages.ts";
import type { EventSender } from "../../services/event-hubs/send-events.ts";
import type { TargetReceiver } from "../../services/service-bus/target-receiver.ts";
import type { Files } from "../../services/services.ts";

/** Services that do nothing, to see what the real ones cost. */

export function createNoEvents(): EventSender {
  return { send: () => undefined, close: () => Promise.resolve() };
}

export function createNoFiles(): Files {
  return {
    read: () => Promise.resolve(undefined),
    open: () => Promise.resolve(undefined),
    readChanged: () => Promise.resolve(undefined),
    write: () => Promise.resolve(),
    writeOver: () => Promise.resolve(true),
    writeStream: () => Promise.resolve(),
    list: () => Promise.resolve({ files: [] }),
  };
}

/**
 * Messages out of memory: a free slot has the next one at once, and completing one is nothing.
 * @param onEmpty called when the last is done
 */
export function createNoMessages(messages: readonly TargetMessage[], onEmpty: () => void): TargetReceiver {
  const waiting = [...messages].reverse();
  const open: Promise<unknown>[] = [];
  return {
    start: (slots, handlers) => {
      const work = async (): Promise<void> => {
        for (let message = waiting.pop(); message; message = waiting.pop()) {
          const { done } = await handlers.target({
            message,
            delivery: 1,
            lost: new AbortController().signal,
            isLost: () => false,
            confirm: () => Promise.resolve(true),
            complete: () => Promise.resolve(),
            abandon: () => Promise.resolve(),
            giveBack: () => Promise.resolve(),
          });
          open.push(done);
        }
      };
      void Promise.all(Array.from({ length: slots }, work))
        .then(() => Promise.all(open))
        .then(onEmpty);
    },
    stop: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
