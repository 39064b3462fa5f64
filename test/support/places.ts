import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Somewhere a secret could have been left in. */
export interface Place {
  readonly place: string;
  readonly content: string;
}

/** All the stack wrote but the file whose purpose is to hold them, and the databases, which hold no secret of ours. */
export async function readFiles(folder: string): Promise<readonly Place[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== "stack.json");
  return Promise.all(
    files.map(async ({ parentPath, name }) => {
      const place = join(parentPath, name);
      return { place, content: await readFile(place, "latin1").catch(() => "") };
    }),
  );
}

/** Those of all processes that may be read. */
export async function readProcesses(
  file: "cmdline" | "environ",
  isWanted: (content: string) => boolean = () => true,
): Promise<string> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const texts = await Promise.all(ids.map((id) => readFile(`/proc/${id}/${file}`, "latin1").catch(() => "")));
  return texts.filter(isWanted).join("\n").replaceAll("\0", " ");
}
