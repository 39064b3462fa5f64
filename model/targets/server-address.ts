import { refuse, type Result, succeed } from "../result.ts";

/** Where a server listens. With an instance and no port, its port is asked of SQL Server Browser (UDP 1434). */
export interface ServerAddress {
  /** Host name or IP address, lower case; `localhost` for `(local)` and `.`. */
  readonly host: string;
  readonly port?: number;
  readonly instance?: string;
}

/**
 * Reads a server as SQL Server tools write it: `host`, `host,1433`, `host:1433`, `host\instance`, `(local)\instance`,
 * each with or without `tcp:` before it; an IPv6 address with a port needs a comma or brackets.
 */
export function parseServerAddress(server: string): Result<ServerAddress> {
  const { host, port, instance } = splitServer(server);
  const isValid =
    isHost(host) &&
    (port === undefined || isPort(port)) &&
    (instance === undefined || /^[\p{L}_][\p{L}\p{N}_$#]{0,15}$/u.test(instance));
  if (!isValid) {
    return refuse({ code: "ServerAddressInvalid", message: `'${server}' is not the address of a server.` });
  }
  return succeed({
    host,
    ...(port !== undefined && { port: Number(port) }),
    ...(instance !== undefined && { instance }),
  });
}

export interface ServerParts {
  readonly host: string;
  readonly port?: string;
  readonly instance?: string;
}

/** The parts of a server's text, not yet checked; also for patterns, where the host may hold `*`. */
export function splitServer(server: string): ServerParts {
  const text = server.trim().replace(/^tcp:/i, "");
  const { name, port } = splitPort(text);
  const slash = name.indexOf("\\");
  const host = slash === -1 ? name : name.slice(0, slash);
  return {
    host: toHost(host.trim()),
    ...(port !== undefined && { port: port.trim() }),
    ...(slash !== -1 && { instance: name.slice(slash + 1).trim() }),
  };
}

function splitPort(text: string): { readonly name: string; readonly port?: string } {
  const comma = text.lastIndexOf(",");
  // One colon is a port's; more of them are an IPv6 address, unless it is in brackets.
  const colon = /^(?:[^:]*|\[[^\]]*\]):[^:\]]*$/.test(text) ? text.lastIndexOf(":") : -1;
  const at = comma === -1 ? colon : comma;
  return at === -1 ? { name: text } : { name: text.slice(0, at), port: text.slice(at + 1) };
}

function toHost(host: string): string {
  const lower = host.toLowerCase();
  if (lower === "(local)" || lower === ".") return "localhost";
  return lower.replace(/^\[(.*)\]$/, "$1");
}

const isHost = (host: string): boolean =>
  host.length <= 255 && (/^[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?$/.test(host) || isIpv6(host));

/** Roughly: enough to keep anything else out of a connection. */
const isIpv6 = (host: string): boolean => /^[0-9a-f:.]{2,45}$/.test(host) && host.split(":").length > 2;

const isPort = (port: string): boolean =>
  /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535;
