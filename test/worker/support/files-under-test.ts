import type { Files } from "../../../services/services.ts";
import { startStandIns } from "../../support/stand-ins.ts";
import { type BlobFaults, createBlobFaults } from "./blob-faults.ts";

/** The product's files in a blob service that can be disturbed, and nothing else of a worker's surroundings. */
export interface FilesUnderTest {
  readonly files: Files;
  readonly faults: BlobFaults;
  /** @returns undefined when there is none */
  readText(container: string, path: string): Promise<string | undefined>;
  stop(): Promise<void>;
}

export async function startFilesUnderTest(): Promise<FilesUnderTest> {
  const faults = createBlobFaults();
  const standIns = await startStandIns({ storage: true, storageFronts: [faults.front] });
  const { files } = standIns.newServices();
  return {
    ...{ files, faults },
    readText: async (container, path) => {
      const bytes = await files.read(container, path);
      return bytes && Buffer.from(bytes).toString("utf8");
    },
    stop: () => standIns.stop(),
  };
}
