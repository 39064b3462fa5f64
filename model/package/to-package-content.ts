import { toLegacyPackageHash, toLegacyScriptHash } from "./legacy-hash.ts";
import type { PackageContent, PackageManifest, ScriptManifest } from "./manifest.ts";
import { type HashedScript, sha256, toPackageSha256 } from "./package-hash.ts";
import { splitBatches } from "./split-batches.ts";

/** Puts hashes and sizes to scripts. @param scripts in the order they run; at least one */
export function toPackageContent(
  format: PackageManifest["format"],
  scripts: readonly HashedScript[],
): PackageContent {
  const manifests = scripts.map(toScriptManifest);
  return {
    manifest: {
      sha256: toPackageSha256(scripts),
      legacySha1: toLegacyPackageHash(manifests.map((script) => script.legacySha1)),
      format,
      totalBytes: manifests.reduce((sum, script) => sum + script.bytes, 0),
      scripts: manifests,
    },
    texts: scripts.map((script) => script.text),
  };
}

function toScriptManifest({ text, ...facts }: HashedScript, index: number): ScriptManifest {
  return {
    order: index + 1,
    ...facts,
    sha256: sha256(text),
    legacySha1: toLegacyScriptHash({ ...facts, text }),
    batches: splitBatches(text).length,
    bytes: Buffer.byteLength(text, "utf8"),
  };
}
