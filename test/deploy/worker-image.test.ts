import { readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../../local/root.ts";
import manifest from "../../package.json" with { type: "json" };

const dockerfile = (await readFile(join(root, "deploy", "worker.Dockerfile"), "utf8")).replaceAll(
  "\\\n",
  " ",
);
const importing = /^(?:import|export)(?! type)(?:[^'"`;]*? from)? "([^"]+)";/gm;

/** What runs when `worker/main.ts` is started: our files, and the packages they import. */
async function follow(
  file: string,
  seen = { files: new Set<string>(), packages: new Set<string>() },
): Promise<typeof seen> {
  const path = relative(root, file);
  if (seen.files.has(path)) return seen;
  seen.files.add(path);
  const source = await readFile(file, "utf8");
  for (const [, target = ""] of source.matchAll(importing)) {
    if (target.startsWith(".")) await follow(join(dirname(file), target), seen);
    else if (!target.startsWith("node:")) seen.packages.add(toPackage(target));
  }
  return seen;
}

const toPackage = (target: string): string =>
  target
    .split("/")
    .slice(0, target.startsWith("@") ? 2 : 1)
    .join("/");

const { files, packages } = await follow(join(root, "worker", "main.ts"));
const removed = (/npm uninstall (?:--\S+ +)*([^\n]*)/.exec(dockerfile)?.[1] ?? "").trim().split(/\s+/);

describe("deploy/worker.Dockerfile", () => {
  it("copies every folder the worker is made of", () => {
    const copied = [...dockerfile.matchAll(/\/build\/dist\/(\w+) \1$/gm)].map(([, folder]) => folder);
    expect(files.size).toBeGreaterThan(40);
    expect([...new Set([...files].map((file) => file.split("/")[0]))].sort()).toEqual([...copied].sort());
  });

  it("keeps every package the worker imports, and leaves out the others", () => {
    const dependencies = Object.keys(manifest.dependencies);
    expect([...packages].filter((name) => !dependencies.includes(name))).toEqual([]);
    expect([...removed].sort()).toEqual(dependencies.filter((name) => !packages.has(name)).sort());
  });

  it("starts what Batch and Kubernetes start by default", async () => {
    const settings = await readFile(join(root, "model", "batch-settings.ts"), "utf8");
    const command = /WORKER_COMMAND: .*\.default\("node (.+)"\)/.exec(settings)?.[1] ?? "";
    expect(dockerfile).toContain(`CMD ["node", "${relative("/app", command)}"]`);
  });
});
