/**
 * Milliseconds. When the link was cut, the SDK waits for an answer to a settlement for minutes, and the slot with it. The
 * message comes again when its lock ends.
 */
const settleWithin = 5_000;

/** What is asked of the service about a message in hand. @throws what the service says; or when it says nothing for 5 s */
export async function settleInTime<Answer>(settling: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`The message was not settled within ${settleWithin / 1_000} s.`));
    }, settleWithin);
  });
  try {
    return await Promise.race([settling, late]);
  } finally {
    clearTimeout(timer);
  }
}
