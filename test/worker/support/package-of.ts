import { toLooseScript } from "../../../model/package/loose-script.ts";
import type { PackageContent } from "../../../model/package/manifest.ts";
import { toPackageContent } from "../../../model/package/to-package-content.ts";

/** A package of these scripts, `script1.sql` and so on; they run in whatever database a target names. */
export function packageOf(...texts: readonly string[]): PackageContent {
  return toPackageContent(
    "zip",
    texts.map((text, index) => toLooseScript(`script${index + 1}.sql`, text)),
  );
}
