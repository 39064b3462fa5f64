import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Characters kept in memory. Most logs never grow beyond, and never touch the disk. */
const keptInMemory = 256 * 1024;

/** Text that is written bit by bit and then read, however long. */
export interface SpillFile {
  write(text: string): void;
  /** All of it, as often as asked: as one text when it is short, else from the temporary file. */
  read(): string | NodeJS.ReadableStream;
  /** Deletes the temporary file, if there is one. */
  discard(): void;
}

/**
 * In memory first, then in a temporary file. Written synchronously, a quarter of a megabyte at a time: that takes a
 * fraction of a millisecond, and whoever writes never gets ahead of the disk.
 */
export function createSpillFile(): SpillFile {
  let kept: string[] = [];
  let size = 0;
  let disk: { readonly folder: string; readonly path: string; readonly file: number } | undefined;
  const spill = (): void => {
    disk ??= createFile();
    writeSync(disk.file, kept.join(""));
    kept = [];
    size = 0;
  };
  return {
    write: (text) => {
      kept.push(text);
      size += text.length;
      if (size > keptInMemory) spill();
    },
    read: () => {
      if (!disk) return kept.join("");
      spill();
      return createReadStream(disk.path);
    },
    discard: () => {
      if (!disk) return;
      closeSync(disk.file);
      rmSync(disk.folder, { recursive: true, force: true });
      disk = undefined;
      kept = [];
    },
  };
}

function createFile(): { readonly folder: string; readonly path: string; readonly file: number } {
  const folder = mkdtempSync(join(tmpdir(), "sqlfleet-"));
  const path = join(folder, "target.log");
  return { folder, path, file: openSync(path, "w") };
}
