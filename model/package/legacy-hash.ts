import { createHash } from "node:crypto";
import { type LegacyScript, splitLegacyBatches } from "./legacy-split.ts";

/**
 * sbm's hash of a script, as in `ScriptFileHash` of its log table: SHA-1, 40 upper-case hex digits, over its pieces
 * joined by lines of `GO`. Only for comparison with existing fleets; SHA-256 is the identity here.
 */
export function toLegacyScriptHash(script: LegacyScript): string {
  const batches = splitLegacyBatches(script);
  const joined = batches
    .map((batch, index) => {
      if (index === batches.length - 1) return batch;
      return batch.endsWith("\r\n") ? `${batch}GO\r\n` : `${batch}\r\nGO\r\n`;
    })
    .join("");
  return sha1OfAscii(joined);
}

/** sbm's hash of a package (`BuildProjectHash`), from its script hashes in build order. */
export function toLegacyPackageHash(scriptHashes: readonly string[]): string {
  return sha1OfAscii(scriptHashes.map((hash) => `${hash}\r\n`).join(""));
}

/** .NET's ASCII encoding turns every other UTF-16 unit into a question mark. */
function sha1OfAscii(text: string): string {
  const ascii = text.replaceAll(/[^\0-\x7f]/g, "?");
  return createHash("sha1").update(ascii, "latin1").digest("hex").toUpperCase();
}
