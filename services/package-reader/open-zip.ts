import { crc32 } from "node:zlib";
import { type Entry, fromBufferPromise, getFileNameLowLevel, type ZipFile } from "yauzl";
import { refuse, type Refusal, type Result, succeed } from "../../model/result.ts";
import type { PackageLimits } from "./limits.ts";
import { createUnpackBudget, type UnpackBudget } from "./unpack-budget.ts";

/** A file in the zip; `path` is decoded, with `/` for either slash. */
export interface ZipEntry {
  readonly path: string;
  readonly read: (mostBytes?: number) => Promise<Result<Buffer>>;
}

const stored = 0;
const deflated = 8;

/**
 * The files of a zip, folders left out; each is unpacked only when it is read. Sizes in the zip's headers are not
 * believed: what comes out is counted.
 */
export async function openZip(
  bytes: Uint8Array,
  limits: PackageLimits,
): Promise<Result<readonly ZipEntry[]>> {
  const budget = createUnpackBudget(bytes.byteLength, limits);
  const entries: ZipEntry[] = [];
  let seen = 0;
  try {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // Names are decoded here: yauzl would refuse the whole Windows paths that real .sbm files carry.
    const zip = await fromBufferPromise(buffer, { decodeStrings: false, validateEntrySizes: false });
    for await (const entry of zip.eachEntry()) {
      seen += 1;
      if (seen > limits.entries) return refuse(tooManyEntries(limits));
      const path = toPath(entry);
      const refusal = checkEntry(entry, path);
      if (refusal !== undefined) return refuse(refusal);
      if (isFile(path)) entries.push({ path, read: (most) => readEntry({ zip, entry, path, budget }, most) });
    }
  } catch (error) {
    return refuse(toDamage(error));
  }
  return succeed(entries);
}

/** Folders, and the shadow files macOS adds to a zip, are no files of the package. */
const isFile = (path: string): boolean => !path.endsWith("/") && !path.startsWith("__MACOSX/");

const toPath = (entry: Entry): string =>
  getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false);

function checkEntry(entry: Entry, path: string): Refusal | undefined {
  if (path.split("/").includes("..") || path.includes("\0")) {
    return { code: "ZipUnsafePath", message: `The zip has an entry named '${path}'.`, entry: path };
  }
  if (entry.isEncrypted()) {
    return { code: "ZipEncrypted", message: `Entry '${path}' is encrypted.`, entry: path };
  }
  if (entry.compressionMethod !== stored && entry.compressionMethod !== deflated) {
    const message = `Entry '${path}' is compressed by method ${entry.compressionMethod}.`;
    return { code: "ZipCompressionUnsupported", message, entry: path };
  }
  return undefined;
}

interface Reading {
  readonly zip: ZipFile;
  readonly entry: Entry;
  readonly path: string;
  readonly budget: UnpackBudget;
}

async function readEntry({ zip, entry, path, budget }: Reading, mostBytes?: number): Promise<Result<Buffer>> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of await zip.openReadStreamPromise(entry)) {
      const data = chunk as Buffer;
      size += data.length;
      const refusal = budget.spend(data.length) ?? checkSize(size, path, mostBytes);
      if (refusal !== undefined) return refuse(refusal);
      chunks.push(data);
    }
  } catch (error) {
    return refuse(toDamage(error, path));
  }
  const content = Buffer.concat(chunks, size);
  const isWhole = size === entry.uncompressedSize && crc32(content) === entry.crc32;
  if (isWhole) return succeed(content);
  return refuse({ code: "ZipDamaged", message: `Entry '${path}' fails its checksum or size.`, entry: path });
}

function checkSize(size: number, path: string, mostBytes = Infinity): Refusal | undefined {
  if (size <= mostBytes) return undefined;
  const message = `Entry '${path}' unpacks to more than ${mostBytes} bytes.`;
  return { code: "PackageTooLarge", message, entry: path };
}

const tooManyEntries = (limits: PackageLimits): Refusal => ({
  code: "ZipTooManyEntries",
  message: `The zip has more than ${limits.entries} entries.`,
});

function toDamage(error: unknown, path?: string): Refusal {
  const reason = error instanceof Error ? error.message : String(error);
  const code = /encrypt/i.test(reason) ? "ZipEncrypted" : "ZipDamaged";
  if (path === undefined) return { code, message: `The zip cannot be read: ${reason}.` };
  return { code, message: `Entry '${path}' cannot be unpacked: ${reason}.`, entry: path };
}
