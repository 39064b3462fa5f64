import type { Clock } from "../../part.ts";
import { IndexedHeap } from "./indexed-heap.ts";

interface Entry<Item> {
  readonly item: Item;
  readonly at: number;
}

/** Timers beyond this many milliseconds overflow in Node; a longer wait is made of several. */
const longestWait = 2_147_483_647;

/** Items that fall due at their own time, with one timer for all of them. */
export class Timetable<Item> {
  readonly #clock: Clock;
  readonly #onDue: (item: Item) => void;
  readonly #entries = new Map<Item, Entry<Item>>();
  readonly #heap = new IndexedHeap<Entry<Item>>((entry) => entry.at);
  #timer: { readonly at: number; cancel: () => void } | undefined;

  constructor(clock: Clock, onDue: (item: Item) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  get size(): number {
    return this.#heap.size;
  }

  /** Puts an item down for a time (milliseconds since 1970), instead of the one it had. Infinity = never. */
  set(item: Item, at: number): void {
    this.#remove(item);
    if (at !== Infinity) {
      const entry = { item, at };
      this.#entries.set(item, entry);
      this.#heap.add(entry);
    }
    this.#arm();
  }

  delete(item: Item): void {
    this.#remove(item);
    this.#arm();
  }

  clear(): void {
    for (const item of [...this.#entries.keys()]) this.#remove(item);
    this.#arm();
  }

  #remove(item: Item): void {
    const entry = this.#entries.get(item);
    if (!entry) return;
    this.#entries.delete(item);
    this.#heap.delete(entry);
  }

  /** A timer that is too early is left alone: it finds nothing due and sets the next. Most locks end early. */
  #arm(): void {
    const at = this.#heap.first?.at;
    if (at === undefined) {
      this.#timer?.cancel();
      this.#timer = undefined;
      return;
    }
    if (this.#timer && this.#timer.at <= at) return;
    this.#timer?.cancel();
    const wait = Math.min(Math.max(0, at - this.#clock.now()), longestWait);
    this.#timer = {
      at,
      cancel: this.#clock.after(wait, () => {
        this.#timer = undefined;
        this.#run();
      }),
    };
  }

  #run(): void {
    const now = this.#clock.now();
    for (let entry = this.#heap.first; entry && entry.at <= now; entry = this.#heap.first) {
      this.#remove(entry.item);
      this.#onDue(entry.item);
    }
    this.#arm();
  }
}
