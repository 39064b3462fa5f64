import rhea from "rhea";
import { type Section, sectionCode, splitSections } from "./sections.ts";
import {
  type AmqpMap,
  type AmqpValue,
  encodeValues,
  toBinary,
  toDescribed,
  toMap,
  toSymbolMap,
} from "./values.ts";

/** The fields of a message that a broker looks at; absent ones are undefined. */
export interface MessageProperties {
  readonly messageId: string | undefined;
  readonly correlationId: string | undefined;
  readonly to: string | undefined;
  readonly subject: string | undefined;
  readonly replyTo: string | undefined;
  readonly contentType: string | undefined;
  readonly sessionId: string | undefined;
  readonly replyToSessionId: string | undefined;
}

/** A message as a client sent it: its bytes, and what routing needs of them. */
export interface AmqpMessage {
  readonly sections: readonly Section[];
  /** Encoded size. */
  readonly bytes: number;
  /** Milliseconds; undefined = no limit of its own. */
  readonly timeToLive: number | undefined;
  readonly annotations: AmqpMap;
  readonly properties: MessageProperties;
  readonly applicationProperties: AmqpMap;
}

/** How rhea names the fields of a decoded message. */
interface DecodedMessage {
  readonly ttl?: number;
  readonly message_annotations?: AmqpMap;
  readonly application_properties?: AmqpMap;
  readonly message_id?: unknown;
  readonly correlation_id?: unknown;
  readonly to?: string;
  readonly subject?: string;
  readonly reply_to?: string;
  readonly content_type?: string;
  readonly group_id?: string;
  readonly reply_to_group_id?: string;
  readonly body?: unknown;
}

/** @throws AmqpError amqp:decode-error */
export function parseMessage(encoded: Buffer): AmqpMessage {
  return toMessage(splitSections(encoded));
}

function toMessage(sections: readonly Section[]): AmqpMessage {
  const before = sections.filter(({ code }) => code <= sectionCode.applicationProperties);
  const decoded = decode(Buffer.concat(before.map(({ bytes }) => bytes)));
  return {
    sections,
    bytes: sections.reduce((sum, { bytes }) => sum + bytes.length, 0),
    timeToLive: decoded.ttl,
    annotations: decoded.message_annotations ?? {},
    applicationProperties: decoded.application_properties ?? {},
    properties: {
      messageId: toIdText(decoded.message_id),
      correlationId: toIdText(decoded.correlation_id),
      to: decoded.to,
      subject: decoded.subject,
      replyTo: decoded.reply_to,
      contentType: decoded.content_type,
      sessionId: decoded.group_id,
      replyToSessionId: decoded.reply_to_group_id,
    },
  };
}

/** Ids may be text, a number, binary or a uuid. */
function toIdText(id: unknown): string | undefined {
  if (Buffer.isBuffer(id)) return id.toString("hex");
  return typeof id === "string" || typeof id === "number" ? String(id) : undefined;
}

/** The message with these sections in place of its own of the same kind. */
function replaceSections(message: AmqpMessage, replacements: readonly Section[]): AmqpMessage {
  return toMessage(mergeSections(message.sections, replacements));
}

function mergeSections(sections: readonly Section[], replacements: readonly Section[]): Section[] {
  const replaced = new Set(replacements.map(({ code }) => code));
  const kept = sections.filter(({ code }) => !replaced.has(code));
  // A sort of equal codes keeps their order, and a body may be several data sections.
  return [...kept, ...replacements].sort((a, b) => a.code - b.code);
}

/** The message with more application properties; the ones it has keep their exact type. */
export function addApplicationProperties(message: AmqpMessage, added: AmqpMap): AmqpMessage {
  return replaceSections(message, [
    toSection(sectionCode.applicationProperties, toMap({ ...message.applicationProperties, ...added })),
  ]);
}

/** The message with an id of the service's making: receivers rely on one being there. */
export function withMessageId(message: AmqpMessage, messageId: string): AmqpMessage {
  const own = message.sections.find(({ code }) => code === sectionCode.properties);
  const fields = own ? decode(own.bytes) : {};
  const encoded = rhea.message.encode({ ...pickProperties(fields), message_id: messageId, body: null });
  const bytes = splitSections(encoded).find(({ code }) => code === sectionCode.properties)?.bytes;
  return bytes ? replaceSections(message, [{ code: sectionCode.properties, bytes }]) : message;
}

const propertyNames = [
  "user_id to subject reply_to correlation_id content_type content_encoding",
  "absolute_expiry_time creation_time group_id group_sequence reply_to_group_id",
].flatMap((names) => names.split(" "));

function pickProperties(decoded: object): Record<string, unknown> {
  const fields = Object.entries(decoded as Record<string, unknown>);
  return Object.fromEntries(fields.filter(([name]) => propertyNames.includes(name)));
}

/** What the service writes itself. */
interface Envelope {
  readonly header: AmqpValue;
  /** Left out when there are none. */
  readonly deliveryAnnotations: AmqpMap;
  readonly annotations: AmqpMap;
}

/** The message as it goes out: as it came, but for the header and the annotations. */
export function encodeMessage(
  message: AmqpMessage,
  { header, deliveryAnnotations, annotations }: Envelope,
): Buffer {
  const rest = message.sections.filter(({ code }) => code > sectionCode.messageAnnotations);
  const notes =
    Object.keys(deliveryAnnotations).length > 0
      ? [toDescribed(sectionCode.deliveryAnnotations, toSymbolMap(deliveryAnnotations))]
      : [];
  const head = encodeValues(
    toDescribed(sectionCode.header, header),
    ...notes,
    toDescribed(sectionCode.messageAnnotations, toSymbolMap(annotations)),
  );
  return Buffer.concat([head, ...rest.map(({ bytes }) => bytes)]);
}

function toSection(code: number, value: AmqpValue): Section {
  return { code, bytes: encodeValues(toDescribed(code, value)) };
}

/** A request to $cbs or $management. */
export interface RequestMessage {
  /** As it came, ready to be the correlation id of the answer: clients compare the type too. */
  readonly messageId: unknown;
  /** "" when the client does not say: its answers go to the link it has from the address it asked. */
  readonly replyTo: string;
  readonly properties: AmqpMap;
  readonly body: unknown;
}

export function parseRequest(encoded: Buffer): RequestMessage {
  const decoded = decode(encoded);
  return {
    messageId: toCorrelationId(decoded.message_id),
    replyTo: decoded.reply_to ?? "",
    properties: decoded.application_properties ?? {},
    body: decoded.body,
  };
}

/** rhea writes text, numbers (ulong) and 16 bytes (uuid) as they came; of other bytes it would make a uuid. */
function toCorrelationId(id: unknown): unknown {
  return Buffer.isBuffer(id) && id.length !== uuidLength ? toBinary(id) : id;
}

const uuidLength = 16;

/** Transfers of this format hold messages in the data sections of one (the SDKs' batches). */
const batchFormat = 0x80013700;

/** The encoded messages of a transfer: one, or those of a batch. */
export function unpackTransfer(payload: Buffer, format: number): { batch?: AmqpMessage; encoded: Buffer[] } {
  if (format !== batchFormat) return { encoded: [payload] };
  const batch = parseMessage(payload);
  const data = batch.sections.filter(({ code }) => code === sectionCode.data);
  return { batch, encoded: data.map(({ bytes }) => dataOf(bytes)) };
}

/** The content of a data section: descriptor (3 bytes), then binary with a size of 1 or 4 bytes. */
function dataOf(section: Buffer): Buffer {
  return section.subarray(section[3] === 0xa0 ? 5 : 8);
}

function decode(encoded: Buffer): DecodedMessage {
  return rhea.message.decode(encoded) as DecodedMessage;
}
