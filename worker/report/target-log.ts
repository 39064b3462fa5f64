import { Readable } from "node:stream";
import type { RunId } from "../../model/ids.ts";
import { runFile, runsContainer } from "../../model/run-files.ts";
import type { Files } from "../../services/services.ts";
import type { AttemptLog } from "../apply/attempt.ts";
import { createResultWriter } from "./result-writer.ts";
import { createSpillFile } from "./spill-file.ts";

/** The log of one database of a target, under construction. */
export interface TargetLog extends AttemptLog {
  /** Writes it to Blob. */
  upload(): Promise<void>;
  discard(): void;
}

interface LogHeader {
  readonly runId: RunId;
  readonly targetId: string;
  readonly packageName: string;
  readonly packageHash: string;
  readonly server: string;
  readonly database: string;
  readonly workerId: string;
  readonly round: number;
  readonly delivery: number;
}

interface Options {
  readonly files: Files;
  readonly header: LogHeader;
  /** Another worker had the target before: keep what it wrote. */
  readonly keepEarlier: boolean;
  /** What must not be read in a log. */
  readonly redact: (text: string) => string;
}

/** Everything a reader needs to see what happened in one database, as text, one file per server and database. */
export function createTargetLog({ files, header, keepEarlier, redact }: Options): TargetLog {
  const file = createSpillFile();
  const path = runFile.log(header.runId, header.server, header.database);
  const note = (text: string): void => {
    file.write(`${new Date().toISOString()} ${redact(text)}\n`);
  };
  file.write(`${toHeader(header)}\n`);
  return {
    note,
    results: createResultWriter((text) => {
      file.write(text);
    }),
    upload: async () => {
      const earlier = keepEarlier ? await files.open(runsContainer, path) : undefined;
      const content = file.read();
      if (typeof content === "string" && !earlier) {
        await files.write(runsContainer, path, content, "text/plain; charset=utf-8");
      } else {
        await files.writeStream(runsContainer, path, Readable.from(join(earlier?.content, content)));
      }
    },
    discard: () => {
      file.discard();
    },
  };
}

/** What an earlier delivery wrote stays in front: after a crash, that is the part one wants to read. */
async function* join(
  earlier: NodeJS.ReadableStream | undefined,
  content: string | NodeJS.ReadableStream,
): AsyncGenerator<Uint8Array | string> {
  if (earlier) yield* earlier as AsyncIterable<Uint8Array>;
  if (typeof content === "string") yield content;
  else yield* content as AsyncIterable<Uint8Array>;
}

function toHeader(header: LogHeader): string {
  return [
    `Run ${header.runId}, target ${header.targetId}, round ${header.round}, delivery ${header.delivery}`,
    `Package ${header.packageName} (${header.packageHash})`,
    `Server ${header.server}, database ${header.database}`,
    `Worker ${header.workerId}`,
    "",
  ].join("\n");
}
