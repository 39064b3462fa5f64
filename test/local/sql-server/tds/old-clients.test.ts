import { once } from "node:events";
import { connect } from "node:net";
import { expect, it } from "vitest";
import { useScriptedServer } from "../support/use-scripted-server.ts";

const wire = useScriptedServer();

const LOGIN = 0x10;
const PRELOGIN = 0x12;

function packet(type: number, payload: Buffer): Buffer {
  const header = Buffer.from([type, 1, 0, 0, 0, 0, 1, 0]);
  header.writeUInt16BE(payload.length + header.length, 2);
  return Buffer.concat([header, payload]);
}

/** A LOGIN7 with nothing in it but its version. */
function login(version: number): Buffer {
  const payload = Buffer.alloc(94);
  payload.writeUInt32LE(payload.length, 0);
  payload.writeUInt32LE(version, 4);
  return packet(LOGIN, payload);
}

it.each([
  ["7.1", 0x71000001, [packet(PRELOGIN, Buffer.from([0xff]))]],
  ["7.0", 0x70000000, []],
] as const)(
  "tells a client of TDS %s why it is refused, in its own form of ERROR and DONE",
  async (name, version, before) => {
    const socket = connect(wire.server.port, "127.0.0.1");
    await once(socket, "connect");
    for (const message of before) {
      socket.write(message);
      await once(socket, "data");
    }
    socket.write(login(version));
    const parts: Buffer[] = [];
    for await (const part of socket) parts.push(part as Buffer);
    const tokens = Buffer.concat(parts).subarray(8);
    const errorLength = tokens.readUInt16LE(1);
    expect(tokens.readUInt8(0)).toBe(0xaa);
    expect(tokens.toString("utf16le", 3 + 8)).toContain(`this client asked for ${name}`);
    // DONE: token, status 2, command 2, row count 4.
    const done = tokens.subarray(3 + errorLength);
    expect([done.length, done.readUInt8(0), done.readUInt16LE(1)]).toEqual([9, 0xfd, 2]);
  },
);
