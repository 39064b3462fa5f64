/** A binary heap that also knows where each item is: least first, removal of any item in O(log n). */
export class IndexedHeap<Item> {
  readonly #items: Item[] = [];
  readonly #places = new Map<Item, number>();
  readonly #rank: (item: Item) => number;

  /** @param rank must not change while an item is in the heap. */
  constructor(rank: (item: Item) => number) {
    this.#rank = rank;
  }

  get size(): number {
    return this.#items.length;
  }

  get first(): Item | undefined {
    return this.#items[0];
  }

  add(item: Item): void {
    if (this.#places.has(item)) return;
    this.#items.push(item);
    this.#rise(this.#items.length - 1, item);
  }

  take(): Item | undefined {
    const { first } = this;
    if (first !== undefined) this.delete(first);
    return first;
  }

  delete(item: Item): boolean {
    const place = this.#places.get(item);
    if (place === undefined) return false;
    this.#places.delete(item);
    const last = this.#items.pop();
    if (last === undefined || last === item) return true;
    this.#sink(place, last);
    this.#rise(this.#places.get(last) ?? place, last);
    return true;
  }

  [Symbol.iterator](): Iterator<Item> {
    return this.#items.values();
  }

  #rise(from: number, item: Item): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#items[above];
      if (parent === undefined || this.#rank(parent) <= this.#rank(item)) break;
      this.#put(place, parent);
      place = above;
    }
    this.#put(place, item);
  }

  #sink(from: number, item: Item): void {
    let place = from;
    for (;;) {
      const below = this.#lesserChild(place);
      const child = below === undefined ? undefined : this.#items[below];
      if (below === undefined || child === undefined || this.#rank(child) >= this.#rank(item)) break;
      this.#put(place, child);
      place = below;
    }
    this.#put(place, item);
  }

  #lesserChild(place: number): number | undefined {
    const left = this.#items[2 * place + 1];
    const right = this.#items[2 * place + 2];
    if (left === undefined) return undefined;
    return right !== undefined && this.#rank(right) < this.#rank(left) ? 2 * place + 2 : 2 * place + 1;
  }

  #put(place: number, item: Item): void {
    this.#items[place] = item;
    this.#places.set(item, place);
  }
}
