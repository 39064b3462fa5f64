import { toLooseScript } from "../../model/package/loose-script.ts";
import type { PackageContent } from "../../model/package/manifest.ts";
import type { HashedScript } from "../../model/package/package-hash.ts";
import { toLastPathPart } from "../../model/package/parse-project.ts";
import { toPackageContent } from "../../model/package/to-package-content.ts";
import { refuse, type Result, succeed } from "../../model/result.ts";
import { decodeText } from "./decode-text.ts";
import { defaultLimits, type PackageLimits } from "./limits.ts";
import { openZip } from "./open-zip.ts";
import { findProjectEntry, readSbm } from "./read-sbm.ts";
import { findPackageFile, readListedZip } from "./read-listed-zip.ts";
import { readSqlZip } from "./read-sql-zip.ts";

export interface ReadPackageOptions {
  /** Names the script when the package is one bare `.sql`; its script id follows from it. Default `script.sql`. */
  readonly fileName?: string;
  readonly limits?: Partial<PackageLimits>;
}

/**
 * Reads an uploaded package: `.sbm`, a zip of `.sql` with or without a `package.yaml`, or one `.sql`. The content decides which, not the file's name.
 * Bad packages are refused by value; it throws only on a bug.
 */
export async function readPackage(
  bytes: Uint8Array,
  options: ReadPackageOptions = {},
): Promise<Result<PackageContent>> {
  if (bytes.byteLength === 0) return refuse({ code: "PackageEmpty", message: "The package has no bytes." });
  const limits = { ...defaultLimits, ...options.limits };
  if (isZip(bytes)) return readZip(bytes, limits);
  const script = readSql(bytes, options.fileName);
  return script.ok ? toContent("sql", [script.value]) : script;
}

/** `PK` and the number of a record a zip may start with: a file, the end of an empty zip, a part of a split zip. */
const zipStarts = ["504b0304", "504b0506", "504b0708"];

const isZip = (bytes: Uint8Array): boolean =>
  zipStarts.includes(Buffer.from(bytes.subarray(0, 4)).toString("hex"));

async function readZip(bytes: Uint8Array, limits: PackageLimits): Promise<Result<PackageContent>> {
  const entries = await openZip(bytes, limits);
  if (!entries.ok) return entries;
  // Before the project: of a zip without SqlSyncBuildProject.xml, that is the first XML, whatever it is there for.
  const packageFile = findPackageFile(entries.value);
  if (packageFile !== undefined) return toZip(await readListedZip(entries.value, packageFile));
  const project = findProjectEntry(entries.value);
  if (project === undefined) return toZip(await readSqlZip(entries.value));
  const scripts = await readSbm(entries.value, project, limits);
  return scripts.ok ? toContent("sbm", scripts.value) : scripts;
}

const toZip = (scripts: Result<readonly HashedScript[]>): Result<PackageContent> =>
  scripts.ok ? toContent("zip", scripts.value) : scripts;

function readSql(bytes: Uint8Array, fileName = "script.sql"): Result<HashedScript> {
  const text = decodeText(bytes);
  if (text === undefined) {
    return refuse({ code: "NotAPackage", message: "The package is neither a zip nor text." });
  }
  // No T-SQL starts with "<"; a project file without its scripts (.sbx) does.
  if (text.trimStart().startsWith("<")) return refuseXml(text);
  return succeed(toLooseScript(toLastPathPart(fileName) || "script.sql", text));
}

function refuseXml(text: string): Result<never> {
  if (text.includes("SqlSyncBuildData")) {
    return refuse({
      code: "PackageIsProjectOnly",
      message: "This is a project file (.sbx) without its scripts.",
    });
  }
  return refuse({ code: "NotAPackage", message: "The package is markup, neither a zip nor SQL." });
}

function toContent(
  format: PackageContent["manifest"]["format"],
  scripts: readonly HashedScript[],
): Result<PackageContent> {
  const content = toPackageContent(format, scripts);
  const isEmpty = content.manifest.scripts.every((script) => script.batches === 0);
  if (isEmpty)
    return refuse({ code: "PackageEmpty", message: "No script of the package has anything to run." });
  return succeed(content);
}
