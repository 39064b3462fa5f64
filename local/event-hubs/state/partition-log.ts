/** One event in a partition. */
export interface StoredEvent {
  readonly sequenceNumber: number;
  /** Bytes of the partition before this event. */
  readonly offset: number;
  /** Milliseconds since 1970. */
  readonly enqueuedAt: number;
  /** As it is delivered. */
  readonly payload: Buffer;
}

/** Where a reader begins: the first event whose field is beyond the value, or equal to it when `inclusive`. */
export type EventPosition =
  | { readonly kind: "latest" }
  | {
      readonly kind: "offset" | "sequenceNumber" | "enqueuedAt";
      readonly value: number;
      readonly inclusive: boolean;
    };

/** How a new event is encoded, once its place is known. */
export type EncodeEvent = (place: Omit<StoredEvent, "payload">) => Buffer;

/** The events of a partition in order. It keeps the latest `capacity` and forgets older ones, as retention does. */
export class PartitionLog {
  readonly #events: StoredEvent[] = [];
  readonly #capacity: number;
  #next = 0;
  #bytes = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Sequence number of the oldest event kept; that of the next one when there is none. */
  get first(): number {
    return this.#next - this.#events.length;
  }

  /** Sequence number of the next event. */
  get next(): number {
    return this.#next;
  }

  get last(): StoredEvent | undefined {
    return this.get(this.#next - 1);
  }

  append(bytes: number, enqueuedAt: number, encode: EncodeEvent): void {
    const place = { sequenceNumber: this.#next, offset: this.#bytes, enqueuedAt };
    // A ring: event n lies at n modulo the capacity.
    this.#events[this.#next % this.#capacity] = { ...place, payload: encode(place) };
    this.#next += 1;
    this.#bytes += bytes;
  }

  get(sequenceNumber: number): StoredEvent | undefined {
    if (sequenceNumber < this.first || sequenceNumber >= this.#next) return undefined;
    return this.#events[sequenceNumber % this.#capacity];
  }

  /** Sequence number of the first event at or after a position. */
  find(position: EventPosition): number {
    if (position.kind === "latest") return this.#next;
    const { kind, value, inclusive } = position;
    let [low, high] = [this.first, this.#next];
    while (low < high) {
      const middle = (low + high) >> 1;
      const found = this.get(middle)?.[kind] ?? 0;
      if (found > value || (inclusive && found === value)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
