import rhea, { type Typed } from "rhea";

/** A value with its AMQP type, ready to be written. */
export type AmqpValue = Typed;
/** What decoding gives: strings, numbers, booleans, dates, Buffers (binary, uuid, 64 bits past 2^53), maps, lists. */
export type AmqpMap = Readonly<Record<string, unknown>>;

const { types } = rhea;

export const toBoolean = (value: boolean): AmqpValue => types.wrap_boolean(value);
export const toInt = (value: number): AmqpValue => types.wrap_int(value);
export const toLong = (value: number): AmqpValue => types.wrap_long(value);
export const toUint = (value: number): AmqpValue => types.wrap_uint(value);
export const toUbyte = (value: number): AmqpValue => types.wrap_ubyte(value);
export const toText = (value: string): AmqpValue => types.wrap_string(value);
/** Milliseconds since 1970. */
export const toTimestamp = (milliseconds: number): AmqpValue => types.wrap_timestamp(milliseconds);
export const toBinary = (value: Uint8Array): AmqpValue => types.wrap_binary(value);
export const toUuid = (value: Buffer): AmqpValue => types.wrap_uuid(value);
export const toNull = (): AmqpValue => types.wrap(null);
export const toMap = (map: Readonly<Record<string, unknown>>): AmqpValue => types.wrap_map(map);
export const toSymbolMap = (map: Readonly<Record<string, unknown>>): AmqpValue =>
  types.wrap_symbolic_map(map);
export const toList = (items: readonly unknown[]): AmqpValue => types.wrap_list(items);

const arrayTypes = { long: 0x81, timestamp: 0x83, string: 0xa1 } as const;

export function toArray(items: readonly unknown[], type: keyof typeof arrayTypes): AmqpValue {
  return types.wrap_array(items, arrayTypes[type], undefined);
}

/** A value with a numeric descriptor; AMQP marks every section and composite this way. */
export function toDescribed(descriptor: number, value: AmqpValue): AmqpValue {
  return types.described_nc(types.wrap_ulong(descriptor), value) as AmqpValue;
}

export function encodeValues(...values: readonly AmqpValue[]): Buffer {
  const writer = new RheaWriter();
  for (const value of values) writer.write(value);
  return writer.toBuffer();
}

/** 100 ns since the year 1 in UTC, as a long: how the services write the time a session is locked until. */
export function toDotNetTicks(milliseconds: number): AmqpValue {
  const ticks = Buffer.alloc(8);
  ticks.writeBigInt64BE(BigInt(Math.trunc(milliseconds)) * 10_000n + 621_355_968_000_000_000n);
  return types.wrap_long(ticks);
}

/** A decoded integer of up to 64 bits as a number, whatever width it came in; undefined when it is none. */
export function toInteger(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (Buffer.isBuffer(value) && value.length === 8) return Number(value.readBigInt64BE());
  return undefined;
}

/** rhea's typings leave out the two classes that read and write its values. */
interface Codec {
  readonly Writer: new () => { write(value: AmqpValue): void; toBuffer(): Buffer };
}
const { Writer: RheaWriter } = types as unknown as Codec;
