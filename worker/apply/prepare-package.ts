import type { PackageContent, ScriptManifest } from "../../model/package/manifest.ts";
import { type Batch, splitBatches } from "../../model/package/split-batches.ts";
import { mayStripTransactions, stripTransactions, stripUse } from "../../model/package/strip-transactions.ts";
import { replaceTokens, type TokenValues } from "../../model/package/tokens.ts";
import type { RunPlan } from "../../model/run-document.ts";

/** A script as it is sent: the same for every target of a run, so it is made once. */
export interface PreparedScript {
  readonly manifest: ScriptManifest;
  /** As uploaded; what the log table keeps. */
  readonly text: string;
  /** Their lines are those of the uploaded text. */
  readonly batches: readonly Batch[];
  /** Per batch; 0 = no limit. */
  readonly timeoutSeconds: number;
}

export function preparePackage(content: PackageContent, plan: RunPlan): readonly PreparedScript[] {
  const values: TokenValues = {
    buildDescription: plan.description,
    buildPackageHash: content.manifest.legacySha1,
    buildFileName: plan.package.name,
  };
  return content.manifest.scripts.map((manifest, index) => {
    const text = content.texts[index] ?? "";
    return {
      manifest,
      text,
      batches: splitBatches(toSent(manifest, text, values)),
      timeoutSeconds: plan.scriptTimeoutSeconds ?? manifest.timeoutSeconds,
    };
  });
}

function toSent(manifest: ScriptManifest, text: string, values: TokenValues): string {
  const filled = replaceTokens(text, values);
  const strip = manifest.stripTransactionText && mayStripTransactions(manifest.fileName);
  return stripUse(strip ? stripTransactions(filled) : filled);
}
