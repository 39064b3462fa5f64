import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { HostKeys } from "../options.ts";
import type { AuthLevel } from "./routes.ts";

/** Says whether a request may pass; the master key opens every door. */
export interface KeyRing {
  mayCall(level: AuthLevel, headers: IncomingHttpHeaders, url: URL): boolean;
  /** The Durable management URLs take the key in `?code=`. */
  mayManage(headers: IncomingHttpHeaders, url: URL): boolean;
}

export function createKeyRing(keys: HostKeys, systemKey: string): KeyRing {
  const admin = [keys.master];
  const anyFunction = [...Object.values(keys.function), keys.master];
  const management = [systemKey, keys.master];
  return {
    mayCall(level, headers, url) {
      if (level === "anonymous") return true;
      return isOneOf(level === "admin" ? admin : anyFunction, presentedKey(headers, url));
    },
    mayManage: (headers, url) => isOneOf(management, presentedKey(headers, url)),
  };
}

function presentedKey(headers: IncomingHttpHeaders, url: URL): string | undefined {
  const header = headers["x-functions-key"];
  return (Array.isArray(header) ? header[0] : header) ?? url.searchParams.get("code") ?? undefined;
}

/** Compares hashes, all of them, so that the time taken says nothing about how much of a key was right. */
function isOneOf(allowed: readonly string[], presented: string | undefined): boolean {
  if (presented === undefined || presented === "") return false;
  const digest = sha256(presented);
  return allowed.map((key) => timingSafeEqual(sha256(key), digest)).some(Boolean);
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
