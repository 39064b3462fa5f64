import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Stands in front of a TCP server and can be shut. What passes is not looked at, so TLS passes too. */
export interface Door {
  readonly port: number;
  /** Cuts what is connected; who comes is turned away. */
  refuse(): void;
  /** Nothing passes either way, and nobody is told. */
  hold(): void;
  open(): void;
  stop(): Promise<void>;
}

interface Pair {
  readonly inner: Socket;
  readonly outer: Socket;
}

/** A door on 127.0.0.1, open. @param behind port of the server it is in front of */
export async function startDoor(behind: number): Promise<Door> {
  const pairs = new Set<Pair>();
  let state: "open" | "refusing" | "holding" = "open";
  const server = createServer((outer) => {
    if (state === "refusing") {
      outer.resetAndDestroy();
      return;
    }
    const pair = join(outer, behind, () => pairs.delete(pair));
    pairs.add(pair);
    if (state === "open") letPass(pair);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = (): void => {
    for (const { inner, outer } of pairs) {
      outer.resetAndDestroy();
      inner.destroy();
    }
  };
  return {
    port: (server.address() as AddressInfo).port,
    refuse: () => {
      state = "refusing";
      cut();
    },
    hold: () => {
      state = "holding";
      for (const pair of pairs) holdBack(pair);
    },
    open: () => {
      state = "open";
      for (const pair of pairs) letPass(pair);
    },
    stop: async () => {
      const closed = once(server, "close");
      server.close();
      cut();
      await closed;
    },
  };
}

/** Half a pair ends with the other half. */
function join(outer: Socket, behind: number, onEnd: () => void): Pair {
  const inner = connect(behind, "127.0.0.1");
  for (const [socket, other] of [
    [outer, inner],
    [inner, outer],
  ] as const) {
    socket.on("error", () => undefined);
    socket.once("close", () => {
      other.destroy();
      onEnd();
    });
  }
  return { inner, outer };
}

function letPass({ inner, outer }: Pair): void {
  holdBack({ inner, outer });
  outer.pipe(inner);
  inner.pipe(outer);
}

function holdBack({ inner, outer }: Pair): void {
  outer.unpipe(inner);
  inner.unpipe(outer);
  outer.pause();
  inner.pause();
}
