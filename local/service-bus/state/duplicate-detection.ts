import type { Clock } from "../../part.ts";

/** Remembers message ids for a while, so that a message sent again with the same id is dropped. */
export class DuplicateDetection {
  /** Time by id, oldest first: a Map iterates in the order of insertion. */
  readonly #seen = new Map<string, number>();
  readonly #clock: Clock;
  readonly #window: number;

  /** @param window milliseconds. */
  constructor(clock: Clock, window: number) {
    this.#clock = clock;
    this.#window = window;
  }

  /** Whether the id was seen within the window; remembers it if not. */
  isDuplicate(messageId: string): boolean {
    const now = this.#clock.now();
    for (const [id, at] of this.#seen) {
      if (at + this.#window > now) break;
      this.#seen.delete(id);
    }
    if (this.#seen.has(messageId)) return true;
    this.#seen.set(messageId, now);
    return false;
  }
}
