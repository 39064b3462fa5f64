import type { RheaConnection } from "./rhea-types.ts";
import { toNull } from "./values.ts";

/** How many fields each composite has, by the code of its descriptor (AMQP 1.0, parts 2.7, 2.8 and 3.5). */
const fieldCounts: Readonly<Record<number, number>> = {
  0x10: 10, // open
  0x11: 8, // begin
  0x12: 14, // attach
  0x13: 11, // flow
  0x14: 11, // transfer
  0x15: 6, // disposition
  0x16: 3, // detach
  0x17: 1, // end
  0x18: 1, // close
  0x1d: 3, // error
  0x28: 11, // source
  0x29: 7, // target
};

/** A value with its type; of a composite, the fields. */
interface TypedList {
  readonly descriptor?: { readonly value?: unknown };
  readonly value?: unknown;
}

/**
 * The services write every field of a frame, rhea drops the nulls at its end. Both are AMQP, but Microsoft's
 * Python clients take fields by their position and fail on a frame that ends early.
 */
export function writeWholeFrames(connection: RheaConnection): void {
  const write = connection._write_frame.bind(connection);
  connection._write_frame = (channel, performative, payload) => {
    if (performative) {
      const { descriptor } = performative.constructor as { descriptor?: { numeric: number } };
      fill(performative.value, descriptor?.numeric);
    }
    write(channel, performative, payload);
  };
}

function fill(fields: unknown[], code: unknown): void {
  const count = typeof code === "number" ? fieldCounts[code] : undefined;
  while (count !== undefined && fields.length < count) fields.push(toNull());
  for (const field of fields) {
    const { descriptor, value } = (field ?? {}) as TypedList;
    if (descriptor && Array.isArray(value)) fill(value, descriptor.value);
  }
}
