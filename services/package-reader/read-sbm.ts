import type { HashedScript } from "../../model/package/package-hash.ts";
import { type ProjectScript, toLastPathPart } from "../../model/package/parse-project.ts";
import { refuse, type Refusal, type Result, succeed } from "../../model/result.ts";
import type { PackageLimits } from "./limits.ts";
import type { ZipEntry } from "./open-zip.ts";
import { parseProjectXml } from "./parse-project-xml.ts";
import { readText } from "./read-text.ts";

const projectFile = "sqlsyncbuildproject.xml";
const historyFile = "sqlsyncbuildhistory.xml";

/** The entry a real loader would take: the project file, else the first XML. `undefined`: no `.sbm` package. */
export function findProjectEntry(entries: readonly ZipEntry[]): ZipEntry | undefined {
  const isXml = (name: string): boolean => name.endsWith(".xml") && name !== historyFile;
  return (
    entries.find((entry) => toFileKey(entry.path) === projectFile) ??
    entries.find((entry) => isXml(toFileKey(entry.path)))
  );
}

/** The scripts the project lists, with their texts, in the order they run. History and logs are not read. */
export async function readSbm(
  entries: readonly ZipEntry[],
  project: ZipEntry,
  limits: PackageLimits,
): Promise<Result<readonly HashedScript[]>> {
  const entriesByName = groupByName(entries);
  const ambiguous = checkUnique(entriesByName.get(toFileKey(project.path)) ?? []);
  if (ambiguous !== undefined) return refuse(ambiguous);
  const xml = await readText(project, limits.projectXmlBytes);
  if (!xml.ok) return xml;
  const scripts = parseProjectXml(xml.value, project.path);
  if (!scripts.ok) return scripts;
  const failures = scripts.value.flatMap((script) => checkEntryOf(script, entriesByName));
  if (failures.length > 0) return refuse(...failures);
  return readTexts(scripts.value, entriesByName);
}

type EntriesByName = ReadonlyMap<string, readonly ZipEntry[]>;

/** What entries go by: their last path part, in any case. */
const toFileKey = (path: string): string => toLastPathPart(path).toLowerCase();

function groupByName(entries: readonly ZipEntry[]): EntriesByName {
  const groups = new Map<string, ZipEntry[]>();
  for (const entry of entries) {
    const group = groups.get(toFileKey(entry.path));
    if (group === undefined) groups.set(toFileKey(entry.path), [entry]);
    else group.push(entry);
  }
  return groups;
}

function checkEntryOf(script: ProjectScript, entries: EntriesByName): readonly Refusal[] {
  const found = entries.get(toFileKey(script.fileName)) ?? [];
  if (found.length === 0) {
    const message = `Script '${script.fileName}' is listed but not in the zip.`;
    return [{ code: "ScriptMissing", message, entry: script.fileName }];
  }
  const ambiguous = checkUnique(found);
  return ambiguous === undefined ? [] : [ambiguous];
}

function checkUnique(entries: readonly ZipEntry[]): Refusal | undefined {
  const [first, second] = entries;
  if (first === undefined || second === undefined) return undefined;
  const message = `Entries '${first.path}' and '${second.path}' have the same file name.`;
  return { code: "ZipDuplicateName", message, entry: second.path };
}

async function readTexts(
  scripts: readonly ProjectScript[],
  entries: EntriesByName,
): Promise<Result<readonly HashedScript[]>> {
  const read: HashedScript[] = [];
  for (const script of scripts) {
    for (const entry of entries.get(toFileKey(script.fileName)) ?? []) {
      const text = await readText(entry);
      if (!text.ok) return text;
      read.push({ ...script, text: text.value });
    }
  }
  return succeed(read);
}
