import { buffer } from "node:stream/consumers";
import { crc32, deflateRawSync } from "node:zlib";
import { ZipFile } from "yazl";

/** A zip as an ordinary tool makes it. */
export async function makeZip(files: Readonly<Record<string, string | Uint8Array>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [path, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), path);
  zip.end();
  return buffer(zip.outputStream);
}

export interface RawEntry {
  readonly name: string;
  readonly content?: string | Uint8Array;
  readonly flags?: number;
  readonly method?: number;
  readonly crc?: number;
  /** What the headers claim; default: the truth. */
  readonly claimedSize?: number;
}

/** A zip byte by byte (APPNOTE 4.3), for what no ordinary tool would make. */
export function makeRawZip(entries: readonly RawEntry[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const content = Buffer.from(entry.content ?? "SELECT 1");
    const method = entry.method ?? 8;
    const data = method === 8 ? deflateRawSync(content) : content;
    const name = Buffer.from(entry.name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(entry.flags ?? 0x800, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(entry.crc ?? crc32(content), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(entry.claimedSize ?? content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("504b0304", "hex"), common, name, data]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    centrals.push(Buffer.concat([Buffer.from("504b01021400", "hex"), common, tail, name]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.write("504b0506", "hex");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

export const scriptId = (digit: number): string => `00000000-0000-4000-8000-00000000000${digit}`;

/** A project XML with the given inside of `Scripts`. */
export function makeProject(scripts: string, namespace = ""): string {
  return `<?xml version="1.0" standalone="yes"?>
<SqlSyncBuildData${namespace}>
  <SqlSyncBuildProject ProjectName="" ScriptTagRequired="false">
    <Scripts>${scripts}</Scripts>
    <Builds />
  </SqlSyncBuildProject>
</SqlSyncBuildData>`;
}

export const makeScript = (name: string, order: number, more = ""): string =>
  `<Script FileName="${name}" BuildOrder="${order}" ScriptId="${scriptId(order)}" ${more}/>`;
