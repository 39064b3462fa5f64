import { createHash } from "node:crypto";
import type { ScriptKind } from "./manifest.ts";
import type { HashedScript } from "./package-hash.ts";

/** Namespace of the script ids below; chosen once, never to change. */
const namespace = Buffer.from("5d1f0c5e7a3b4c8e9d4a2b60c7e1f3a9", "hex");

/**
 * A script that came without metadata, with the values sbm gives it when it makes a package from loose files. Its
 * database is left open: the first of the target's.
 *
 * @param path its path in the package, with `/`; it alone decides the script's id
 * @param kind default: sbm's
 */
export function toLooseScript(path: string, text: string, kind: ScriptKind = "always"): HashedScript {
  return {
    fileName: path,
    scriptId: toScriptId(path),
    database: "",
    description: "",
    tag: "",
    rollBackOnError: true,
    causesBuildFailure: true,
    stripTransactionText: false,
    kind,
    timeoutSeconds: 500,
    text,
  };
}

/** A version 5 UUID (RFC 9562 §5.5) of the path. */
export function toScriptId(path: string): string {
  const hash = createHash("sha1").update(namespace).update(path, "utf8").digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
