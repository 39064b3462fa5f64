import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  listPackages,
  parsePackageName,
  readManifest,
  readManifestByName,
  storePackage,
} from "../../../functions/edge/packages.ts";
import { PackageContent } from "../../../model/package/manifest.ts";
import { packageFile, packagesContainer } from "../../../model/run-files.ts";
import { readPackage } from "../../../services/package-reader/read-package.ts";
import type { Files } from "../../../services/services.ts";
import { startStandIns, type StandIns } from "../../support/stand-ins.ts";

let standIns: StandIns;
let files: Files;
beforeAll(async () => {
  standIns = await startStandIns({ storage: true });
  ({ files } = standIns.newServices());
});
afterAll(() => standIns.stop());

async function store(name: string, sql: string, at = new Date("2026-01-02T03:04:05Z")) {
  const bytes = Buffer.from(sql);
  const content = await readPackage(bytes);
  if (!content.ok) throw new Error("The package was refused.");
  return storePackage({ files }, { name, bytes, content: content.value, at });
}

describe("packages", () => {
  test("are found by name and by hash, with their bytes and their texts", async () => {
    const manifest = await store("release-1", "SELECT 1");
    expect(await readManifestByName({ files }, "release-1")).toEqual(manifest);
    const { name: _, ...unnamed } = manifest;
    expect(await readManifest({ files }, manifest.sha256)).toEqual(unnamed);
    const upload = await files.read(packagesContainer, packageFile.upload(manifest.sha256));
    expect(Buffer.from(upload!).toString()).toBe("SELECT 1");
    const content = await files.read(packagesContainer, packageFile.content(manifest.sha256));
    expect(PackageContent.parse(JSON.parse(Buffer.from(content!).toString())).texts).toEqual(["SELECT 1"]);
  });

  test("a name stands for its newest content; the older one stays, by its hash", async () => {
    const older = await store("moving", "SELECT 1 -- older");
    const newer = await store("moving", "SELECT 2 -- newer");
    expect(newer.sha256).not.toBe(older.sha256);
    expect((await readManifestByName({ files }, "moving")).sha256).toBe(newer.sha256);
    expect((await readManifest({ files }, older.sha256)).sha256).toBe(older.sha256);
  });

  test("the same content is stored once, under several names", async () => {
    const first = await store("one-name", "SELECT 'same'");
    const path = packageFile.content(first.sha256);
    const before = await files.readChanged(packagesContainer, path, undefined);
    const second = await store("other-name", "SELECT 'same'");
    expect(second.sha256).toBe(first.sha256);
    expect(second.name).toBe("other-name");
    if (typeof before !== "object") throw new Error("It was not stored.");
    expect(await files.readChanged(packagesContainer, path, before.etag)).toBe("unchanged");
  });

  test("are listed by name", async () => {
    await store("zz-last", "SELECT 'z'", new Date("2026-05-06T07:08:09Z"));
    const { packages, cursor } = await listPackages({ files }, undefined);
    expect(cursor).toBeUndefined();
    const names = packages.map(({ name }) => name);
    expect(names).toEqual([...names].sort());
    expect(packages.at(-1)).toMatchObject({
      name: "zz-last",
      format: "sql",
      scripts: 1,
      uploadedAt: "2026-05-06T07:08:09.000Z",
    });
  });

  test("that nobody stored are UnknownPackage", async () => {
    const unknown = { code: "UnknownPackage", status: 404 };
    await expect(readManifestByName({ files }, "none")).rejects.toMatchObject(unknown);
    await expect(readManifestByName({ files }, "../names/release-1")).rejects.toMatchObject(unknown);
    await expect(readManifest({ files }, "0".repeat(64))).rejects.toMatchObject(unknown);
  });
});

test("package names", () => {
  for (const name of ["release-42", "a", "v1.2_3", "x".repeat(200)])
    expect(parsePackageName(name)).toBe(name);
  for (const name of [undefined, "", "a b", "a/b", "ü", "a\n", "x".repeat(201)]) {
    expect(() => parsePackageName(name)).toThrow(
      expect.objectContaining({ code: "InvalidPackageName" }) as Error,
    );
  }
});
