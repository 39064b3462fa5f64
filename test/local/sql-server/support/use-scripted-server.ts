import type { Connection } from "tedious";
import { afterEach, beforeEach, expect } from "vitest";
import {
  startTdsServer,
  type TdsServer,
  type TdsServerOptions,
} from "../../../../local/sql-server/tds/server.ts";
import { createScriptedEngine, PASSWORD, type ScriptedEngine, USER } from "./scripted-engine.ts";
import { type ClientOptions, close, connect } from "./tedious-client.ts";

export interface ScriptedServer {
  readonly engine: ScriptedEngine;
  readonly server: TdsServer;
  /** A client that is logged in, closed after the test. */
  client(options?: Partial<ClientOptions>): Promise<Connection>;
}

/** A server on a scripted engine for each test of a file; afterwards no session may be left open. */
export function useScriptedServer(options: Partial<TdsServerOptions> = {}): ScriptedServer {
  let running: Pick<ScriptedServer, "engine" | "server"> | undefined;
  let clients: Connection[] = [];
  const here = (): Pick<ScriptedServer, "engine" | "server"> => {
    if (running === undefined) throw new Error("The server has not started.");
    return running;
  };
  beforeEach(async () => {
    const engine = createScriptedEngine();
    running = { engine, server: await startTdsServer({ engine, serverName: "scripted", ...options }) };
  });
  afterEach(async () => {
    await Promise.all(clients.map(close));
    clients = [];
    await here().server.stop();
    expect(here().engine.openSessions).toBe(0);
  });
  return {
    get engine() {
      return here().engine;
    },
    get server() {
      return here().server;
    },
    async client(more = {}) {
      const login = { port: here().server.port, user: USER, password: PASSWORD };
      const connection = await connect({ ...login, ...more });
      clients.push(connection);
      return connection;
    },
  };
}
