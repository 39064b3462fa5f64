import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { HostKeys } from "../options.ts";
import type { AuthLevel } from "./routes.ts";

/** Says whether a request may pass; the master key opens every door. */
export interface KeyRing {
  mayCall(route: Door, headers: IncomingHttpHeaders, url: URL): boolean;
  /** The Durable management URLs take the key in `?code=`. */
  mayManage(headers: IncomingHttpHeaders, url: URL): boolean;
  /** A key of one function only; kept in memory. @returns whether the name was new */
  setFunctionKey(functionName: string, keyName: string, value: string): boolean;
}

/** What a key is for: a function with its level, or the /admin routes. */
interface Door {
  readonly functionName?: string;
  readonly authLevel: AuthLevel;
}

export function createKeyRing(keys: HostKeys, systemKey: string): KeyRing {
  const admin = [keys.master];
  const anyFunction = [...Object.values(keys.function), keys.master];
  const management = [systemKey, keys.master];
  const ofFunctions = new Map<string, Map<string, string>>();
  const keysOf = (functionName = ""): Map<string, string> => {
    const own = ofFunctions.get(functionName.toLowerCase()) ?? new Map<string, string>();
    ofFunctions.set(functionName.toLowerCase(), own);
    return own;
  };
  return {
    mayCall({ authLevel, functionName }, headers, url) {
      if (authLevel === "anonymous") return true;
      const allowed = authLevel === "admin" ? admin : [...anyFunction, ...keysOf(functionName).values()];
      return isOneOf(allowed, presentedKey(headers, url));
    },
    setFunctionKey(functionName, keyName, value) {
      const own = keysOf(functionName);
      const isNew = !own.has(keyName);
      own.set(keyName, value);
      return isNew;
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
