import type { Readable } from "node:stream";

/**
 * The bytes of an answer that has begun, for as long as they come. Only the waiting for them is timed, not what the
 * reader does in between.
 * @param patience milliseconds
 * @throws Error when none came for that long
 */
export async function* unlessStalled(answer: Readable, patience: number): AsyncGenerator<Uint8Array> {
  const giveUp = (): void => {
    answer.destroy(new Error(`The answer stopped halfway: nothing came for ${patience / 1_000} s.`));
  };
  let timer = setTimeout(giveUp, patience);
  try {
    for await (const chunk of answer as AsyncIterable<Uint8Array>) {
      clearTimeout(timer);
      yield chunk;
      timer = setTimeout(giveUp, patience);
    }
  } finally {
    clearTimeout(timer);
  }
}
