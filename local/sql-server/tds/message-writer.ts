import { ByteWriter } from "./byte-writer.ts";
import { encodePackets, HEADER_BYTES, MessageType } from "./packets.ts";

/** Where a response goes: the transport, or nowhere. */
export interface Output {
  write(bytes: Buffer): boolean;
  drained(): Promise<void>;
}

/** Tokens collect up to this many bytes before they leave: few large writes instead of many small ones. */
const FLUSH_BYTES = 32_768;

/** One response message: tokens go in, packets come out, the small response as one write. */
export class MessageWriter {
  readonly #output: Output;
  readonly #packetSize: number;
  #tokens = new ByteWriter();
  #nextId = 1;

  constructor(output: Output, packetSize: number) {
    this.#output = output;
    this.#packetSize = packetSize;
  }

  /** Where the next token is written. Ask again after each `relieve`. */
  get tokens(): ByteWriter {
    return this.#tokens;
  }

  /** Sends whole packets when enough collected. A promise means: the client reads slowly, wait. */
  relieve(): Promise<void> | undefined {
    if (this.#tokens.length < FLUSH_BYTES) return undefined;
    const collected = this.#tokens.bytes;
    const room = this.#packetSize - HEADER_BYTES;
    // The last packet stays: one that ends the message may not be empty.
    const whole = Math.floor((collected.length - 1) / room) * room;
    if (whole === 0) return undefined;
    this.#tokens = new ByteWriter(FLUSH_BYTES + FLUSH_BYTES / 4).raw(collected.subarray(whole));
    return this.#send(collected.subarray(0, whole), false) ? undefined : this.#output.drained();
  }

  end(): void {
    this.#send(this.#tokens.bytes, true);
  }

  #send(payload: Buffer, last: boolean): boolean {
    const type = MessageType.response;
    const packetSize = this.#packetSize;
    const framed = encodePackets(payload, { type, packetSize, firstId: this.#nextId, last });
    this.#nextId += Math.ceil(payload.length / (packetSize - HEADER_BYTES));
    return this.#output.write(framed);
  }
}
