import rhea, { type Connection, type EventContext, type Message, type Receiver, type Sender } from "rhea";

/** AMQP as it is on the wire, without an SDK: what clients of other makes than the JavaScript SDKs do. */
export interface RawClient {
  readonly connection: Connection;
  /** Frames that end deliveries or bring them, in the order they came. */
  readonly frames: readonly ("disposition" | "transfer")[];
  readonly messages: readonly Message[];
  openSender(address: string): Promise<Sender>;
  openReceiver(address: string): Promise<Receiver>;
  close(): Promise<void>;
}

/** Connects without SASL, as Microsoft's C library does. */
export async function connectRaw(port: number): Promise<RawClient> {
  const connection = rhea
    .create_container()
    .connect({ host: "127.0.0.1", port, reconnect: false, max_frame_size: 65_536 });
  const messages: Message[] = [];
  connection.on("message", ({ message }: EventContext) => {
    if (message) messages.push(message);
  });
  const frames = listFrames(connection as unknown as Frames);
  await happening(connection, "connection_open");
  return {
    connection,
    frames,
    messages,
    openSender: async (address) => {
      const sender = connection.open_sender({ target: { address }, source: { address } });
      await happening(sender, "sender_open");
      return sender;
    },
    openReceiver: async (address) => {
      const receiver = connection.open_receiver({ source: { address }, target: { address } });
      await happening(receiver, "receiver_open");
      return receiver;
    },
    close: async () => {
      connection.close();
      await happening(connection, "connection_close");
    },
  };
}

/** Shows a token that the server accepts; nothing else is allowed before. */
export async function showToken(client: RawClient, token: string): Promise<void> {
  await client.openReceiver("$cbs");
  const sender = await client.openSender("$cbs");
  sender.send({
    // A number travels as ulong; no reply_to: Microsoft's C library sets none.
    message_id: 0 as unknown as string,
    application_properties: { operation: "put-token", type: "jwt", name: "amqps://localhost" },
    body: token,
  });
  await happening(client.connection, "message");
}

type Frames = Record<"on_disposition" | "on_transfer", (frame: unknown) => void>;

/** rhea tells of dispositions later than of messages; this is as it was on the wire. */
function listFrames(connection: Frames): RawClient["frames"] {
  const seen: ("disposition" | "transfer")[] = [];
  for (const kind of ["disposition", "transfer"] as const) {
    const take = connection[`on_${kind}`].bind(connection);
    connection[`on_${kind}`] = (frame) => {
      seen.push(kind);
      take(frame);
    };
  }
  return seen;
}

export function happening(emitter: Connection | Sender | Receiver, event: string): Promise<EventContext> {
  return new Promise((resolve) => {
    emitter.once(event, resolve);
  });
}
