/**
 * Reads bytes in the order of the wire (little-endian unless said otherwise). Reading past the end throws a
 * RangeError, which the connection treats as a broken client.
 */
export class ByteReader {
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  get position(): number {
    return this.#position;
  }

  peek(): number | undefined {
    return this.#bytes[this.#position];
  }

  seek(position: number): void {
    this.#position = position;
  }

  uint8(): number {
    return this.#bytes.readUInt8(this.#advance(1));
  }

  uint16(): number {
    return this.#bytes.readUInt16LE(this.#advance(2));
  }

  uint16BigEndian(): number {
    return this.#bytes.readUInt16BE(this.#advance(2));
  }

  int16(): number {
    return this.#bytes.readInt16LE(this.#advance(2));
  }

  int32(): number {
    return this.#bytes.readInt32LE(this.#advance(4));
  }

  uint32(): number {
    return this.#bytes.readUInt32LE(this.#advance(4));
  }

  /** An unsigned integer of 1 to 6 bytes. */
  uint(size: number): number {
    return this.#bytes.readUIntLE(this.#advance(size), size);
  }

  int64(): bigint {
    return this.#bytes.readBigInt64LE(this.#advance(8));
  }

  uint64(): bigint {
    return this.#bytes.readBigUInt64LE(this.#advance(8));
  }

  float32(): number {
    return this.#bytes.readFloatLE(this.#advance(4));
  }

  float64(): number {
    return this.#bytes.readDoubleLE(this.#advance(8));
  }

  /** A view, not a copy. */
  raw(size: number): Buffer {
    const at = this.#advance(size);
    return this.#bytes.subarray(at, at + size);
  }

  /** UTF-16; the size counts bytes. */
  utf16(size: number): string {
    const at = this.#advance(size);
    return this.#bytes.toString("utf16le", at, at + size);
  }

  /** B_VARCHAR: a length of one byte in characters, then UTF-16. */
  shortText(): string {
    return this.utf16(this.uint8() * 2);
  }

  /** US_VARCHAR: a length of two bytes in characters, then UTF-16. */
  longText(): string {
    return this.utf16(this.uint16() * 2);
  }

  #advance(size: number): number {
    const at = this.#position;
    if (at + size > this.#bytes.length) throw new RangeError("The message ends too early.");
    this.#position = at + size;
    return at;
  }
}
