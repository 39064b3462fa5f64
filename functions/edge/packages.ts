import { z } from "zod";
import { Failure } from "../../model/failures.ts";
import { Sha256 } from "../../model/ids.ts";
import { PackageContent, PackageManifest } from "../../model/package/manifest.ts";
import { packageFile, packagesContainer } from "../../model/run-files.ts";
import type { Services } from "../../services/services.ts";

type FileServices = Pick<Services, "files">;

/** What a package name stands for now. */
const NamedPackage = z.object({
  name: z.string(),
  sha256: Sha256,
  legacySha1: z.string(),
  format: PackageManifest.shape.format,
  scripts: z.int(),
  uploadedAt: z.iso.datetime(),
});
type NamedPackage = z.infer<typeof NamedPackage>;

/** A page of the package list. */
const pageSize = 100;

/** @throws InvalidPackageName */
export function parsePackageName(text: string | undefined): string {
  if (text !== undefined && /^[\w.-]{1,200}$/.test(text)) return text;
  throw new Failure("InvalidPackageName", `'${text ?? ""}' is not a package name.`);
}

/** Content first, name last: a name never stands for something that is not there. Stored once per SHA-256. */
export async function storePackage(
  { files }: FileServices,
  upload: {
    readonly name: string;
    readonly bytes: Uint8Array;
    readonly content: PackageContent;
    readonly at: Date;
  },
): Promise<PackageManifest> {
  const { name, bytes, content, at } = upload;
  const { sha256, legacySha1, format, scripts } = content.manifest;
  const manifest = { name, ...content.manifest };
  if (!(await files.read(packagesContainer, packageFile.manifest(sha256)))) {
    await files.write(packagesContainer, packageFile.upload(sha256), bytes, "application/octet-stream");
    await files.write(packagesContainer, packageFile.content(sha256), JSON.stringify(content));
    await files.write(packagesContainer, packageFile.manifest(sha256), JSON.stringify(content.manifest));
  }
  const named = { name, sha256, legacySha1, format, scripts: scripts.length, uploadedAt: at.toISOString() };
  await files.write(packagesContainer, packageFile.name(name), JSON.stringify(named satisfies NamedPackage));
  return manifest;
}

export async function listPackages(
  { files }: FileServices,
  cursor: string | undefined,
): Promise<{ readonly packages: readonly NamedPackage[]; readonly cursor?: string }> {
  const page = await files.list(packagesContainer, packageFile.names, { cursor, size: pageSize });
  const named = await Promise.all(page.files.map(({ path }) => readNamed({ files }, path)));
  const packages = named.filter((each) => each !== undefined);
  return page.cursor ? { packages, cursor: page.cursor } : { packages };
}

/** By name: its newest content. @throws UnknownPackage */
export async function readManifestByName(services: FileServices, name: string): Promise<PackageManifest> {
  const named = await readNamed(services, packageFile.name(name));
  if (!named) throw new Failure("UnknownPackage", `There is no package '${name}'.`);
  return { name, ...(await readManifest(services, named.sha256)) };
}

/** By its SHA-256. @throws UnknownPackage */
export async function readManifest({ files }: FileServices, sha256: string): Promise<PackageManifest> {
  const content = await files.read(packagesContainer, packageFile.manifest(sha256));
  if (!content) throw new Failure("UnknownPackage", `There is no package with the SHA-256 ${sha256}.`);
  return PackageManifest.parse(JSON.parse(Buffer.from(content).toString("utf8")));
}

/** Manifest and texts; up to several hundred megabytes. @throws UnknownPackage */
export async function readContent({ files }: FileServices, sha256: string): Promise<PackageContent> {
  const content = await files.read(packagesContainer, packageFile.content(sha256));
  if (!content) throw new Failure("UnknownPackage", `There is no package with the SHA-256 ${sha256}.`);
  return PackageContent.parse(JSON.parse(Buffer.from(content).toString("utf8")));
}

async function readNamed({ files }: FileServices, path: string): Promise<NamedPackage | undefined> {
  const content = await files.read(packagesContainer, path);
  return content && NamedPackage.parse(JSON.parse(Buffer.from(content).toString("utf8")));
}
