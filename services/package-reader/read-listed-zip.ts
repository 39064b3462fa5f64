import { toFolderKind } from "../../model/package/folder-kind.ts";
import { type ListedScript, type PackageFile, toListedScript } from "../../model/package/package-file.ts";
import type { HashedScript } from "../../model/package/package-hash.ts";
import { findRepeatedIds, toLastPathPart } from "../../model/package/parse-project.ts";
import { refuse, type Refusal, type Result, succeed } from "../../model/result.ts";
import type { ZipEntry } from "./open-zip.ts";
import { parsePackageYaml } from "./parse-package-yaml.ts";
import { readText } from "./read-text.ts";
import { checkLoosePaths, isSql } from "./read-sql-zip.ts";

/** Largest package.yaml, in bytes: its tree costs many times its size in memory. */
const mostBytes = 1_048_576;

/** The `package.yaml` of a zip of loose scripts, if it has one; in any folder. */
export function findPackageFile(entries: readonly ZipEntry[]): ZipEntry | undefined {
  return entries.find(isPackageFile);
}

const isPackageFile = ({ path }: ZipEntry): boolean => /^package\.ya?ml$/i.test(toLastPathPart(path));

/** The scripts that `package.yaml` lists, in its order. A `.sql` it does not list is refused, not passed over. */
export async function readListedZip(
  entries: readonly ZipEntry[],
  file: ZipEntry,
): Promise<Result<readonly HashedScript[]>> {
  const others = entries.filter((entry) => entry !== file);
  const rival = others.find((entry) => isPackageFile(entry) || isProjectFile(entry));
  if (rival !== undefined) {
    const message = `'${file.path}' and '${rival.path}' both describe the package.`;
    return refuse({ code: "ManifestInvalid", message, entry: rival.path });
  }
  const text = await readText(file, mostBytes);
  if (!text.ok) return text;
  const manifest = parsePackageYaml(text.value, file.path);
  if (!manifest.ok) return manifest;

  const folder = file.path.slice(0, -toLastPathPart(file.path).length);
  const scripts = new Map(others.filter(isSql).map((entry) => [entry.path, entry]));
  const listed = manifest.value.scripts.map((script) => ({
    script,
    entry: scripts.get(folder + toPath(script)),
  }));
  const failures = [
    ...checkLoosePaths([...scripts.values()]),
    ...listed.flatMap(({ script, entry }) => (entry === undefined ? [toMissing(script)] : [])),
    ...findRepeatedFiles(manifest.value),
    ...findUnlisted(scripts, new Set(listed.map(({ entry }) => entry))),
  ];
  return failures.length > 0 ? refuse(...failures) : readTexts(listed, manifest.value.defaults ?? {});
}

const isProjectFile = ({ path }: ZipEntry): boolean =>
  /^sqlsyncbuildproject\.xml$/i.test(toLastPathPart(path));

/** `./a.sql` and `a.sql` are one file, in this file as on a command line. */
const toPath = ({ file }: ListedScript): string => file.replace(/^(?:\.\/)+/, "");

const toMissing = ({ file }: ListedScript): Refusal => ({
  code: "ScriptMissing",
  message: `Script '${file}' is listed but not in the zip.`,
  entry: file,
});

function findRepeatedFiles({ scripts }: PackageFile): readonly Refusal[] {
  const seen = new Set<string>();
  return scripts.flatMap((script) => {
    const path = toPath(script);
    const isRepeated = seen.has(path);
    seen.add(path);
    const message = `Script '${path}' is listed twice.`;
    return isRepeated ? [{ code: "ManifestInvalid", message, entry: path } as const] : [];
  });
}

function findUnlisted(
  scripts: ReadonlyMap<string, ZipEntry>,
  listed: ReadonlySet<ZipEntry | undefined>,
): readonly Refusal[] {
  return [...scripts.values()].flatMap((entry) => {
    const message = `Script '${entry.path}' is in the zip but not listed.`;
    return listed.has(entry) ? [] : [{ code: "ScriptNotListed", message, entry: entry.path } as const];
  });
}

async function readTexts(
  listed: readonly { readonly script: ListedScript; readonly entry: ZipEntry | undefined }[],
  defaults: NonNullable<PackageFile["defaults"]>,
): Promise<Result<readonly HashedScript[]>> {
  const read: HashedScript[] = [];
  for (const { script, entry } of listed) {
    if (entry === undefined) continue;
    const text = await readText(entry);
    if (!text.ok) return text;
    const file = toPath(script);
    read.push(
      toListedScript({ ...script, file }, defaults, { text: text.value, folderKind: toFolderKind(file) }),
    );
  }
  const repeated = findRepeatedIds(read);
  return repeated.length > 0 ? refuse(...repeated) : succeed(read);
}
