const INITIAL_BYTES = 512;

/** Bytes in the order of the wire (little-endian unless said otherwise), in one buffer that grows. */
export class ByteWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(capacity = INITIAL_BYTES) {
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** A view, not a copy: the writer must not be written to while it is in use. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  uint8(value: number): this {
    const at = this.skip(1);
    this.#buffer[at] = value;
    return this;
  }

  uint16(value: number): this {
    const at = this.skip(2);
    this.#buffer.writeUInt16LE(value, at);
    return this;
  }

  uint16BigEndian(value: number): this {
    const at = this.skip(2);
    this.#buffer.writeUInt16BE(value, at);
    return this;
  }

  int16(value: number): this {
    const at = this.skip(2);
    this.#buffer.writeInt16LE(value, at);
    return this;
  }

  int32(value: number): this {
    const at = this.skip(4);
    this.#buffer.writeInt32LE(value, at);
    return this;
  }

  uint32(value: number): this {
    const at = this.skip(4);
    this.#buffer.writeUInt32LE(value, at);
    return this;
  }

  uint32BigEndian(value: number): this {
    const at = this.skip(4);
    this.#buffer.writeUInt32BE(value, at);
    return this;
  }

  /** An unsigned integer of 1 to 6 bytes. */
  uint(value: number, size: number): this {
    const at = this.skip(size);
    this.#buffer.writeUIntLE(value, at, size);
    return this;
  }

  int64(value: bigint): this {
    const at = this.skip(8);
    this.#buffer.writeBigInt64LE(value, at);
    return this;
  }

  uint64(value: bigint): this {
    const at = this.skip(8);
    this.#buffer.writeBigUInt64LE(value, at);
    return this;
  }

  float32(value: number): this {
    const at = this.skip(4);
    this.#buffer.writeFloatLE(value, at);
    return this;
  }

  float64(value: number): this {
    const at = this.skip(8);
    this.#buffer.writeDoubleLE(value, at);
    return this;
  }

  raw(bytes: Uint8Array): this {
    const at = this.skip(bytes.length);
    this.#buffer.set(bytes, at);
    return this;
  }

  utf16(text: string): this {
    const at = this.skip(text.length * 2);
    this.#buffer.write(text, at, "utf16le");
    return this;
  }

  /** B_VARCHAR: a length of one byte in characters, then UTF-16. */
  shortText(text: string): this {
    return this.uint8(text.length).utf16(text);
  }

  /** US_VARCHAR: a length of two bytes in characters, then UTF-16. */
  longText(text: string): this {
    return this.uint16(text.length).utf16(text);
  }

  /** B_VARBYTE: a length of one byte, then the bytes. */
  shortBytes(bytes: Uint8Array): this {
    return this.uint8(bytes.length).raw(bytes);
  }

  /** Reserves bytes to be patched later. Returns where they begin. */
  skip(size: number): number {
    const at = this.#length;
    const needed = at + size;
    if (needed > this.#buffer.length) this.#grow(needed);
    this.#length = needed;
    return at;
  }

  patchUint16(at: number, value: number): void {
    this.#buffer.writeUInt16LE(value, at);
  }

  patchUint8(at: number, value: number): void {
    this.#buffer[at] = value;
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
