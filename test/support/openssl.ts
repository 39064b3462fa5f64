import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Tests against the `openssl` binary are left out where there is none: the product does not need it. */
export const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

/** Files made by `openssl` in a folder of their own. */
export interface OpensslFolder {
  readonly path: (name: string) => string;
  readonly run: (...args: readonly string[]) => string;
  readonly read: (name: string) => Buffer;
  readonly write: (name: string, content: string | Uint8Array) => void;
  readonly remove: () => void;
}

export function openOpensslFolder(): OpensslFolder {
  const folder = mkdtempSync(join(tmpdir(), "openssl-"));
  const path = (name: string): string => join(folder, name);
  return {
    path,
    run: (...args) => execFileSync("openssl", [...args], { cwd: folder, stdio: "pipe", encoding: "utf8" }),
    read: (name) => readFileSync(path(name)),
    write: (name, content) => {
      writeFileSync(path(name), content);
    },
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}
