import { sqlError } from "../../errors.ts";
import type { Statement } from "../../syntax/statement.ts";
import { convert } from "../../types/convert.ts";
import { parseStored } from "../../types/datetime.ts";
import { evaluate } from "../evaluate.ts";
import { Cancelled, type Frame } from "../session-state.ts";

const DAY = 86_400_000;

/** WAITFOR DELAY 'hh:mm:ss', WAITFOR TIME 'hh:mm': ends at once when the client gives up. */
export async function runWaitfor(
  frame: Frame,
  statement: Extract<Statement, { kind: "waitfor" }>,
): Promise<void> {
  const { value, type } = evaluate(frame, statement.value);
  const time = milliseconds(value, type);
  const now = frame.session.server.now().getTime() % DAY;
  await sleep(statement.until === "delay" ? time : (time - now + DAY) % DAY, frame.signal);
  frame.sink.done(undefined);
}

/** @throws SqlError 148 */
function milliseconds(
  value: ReturnType<typeof evaluate>["value"],
  type: ReturnType<typeof evaluate>["type"],
): number {
  try {
    const stored = convert(value, type, { name: "time", scale: 3 });
    return parseStored(String(stored)).milliseconds;
  } catch {
    throw sqlError(`Incorrect time syntax in time string '${String(value)}' used with WAITFOR.`, {
      number: 148,
      class: 15,
    });
  }
}

/** @throws Cancelled */
function sleep(delay: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(new Cancelled());
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, delay);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
