import { z } from "zod";
import { Failure } from "../model/failures.ts";
import type { RunId } from "../model/ids.ts";
import { stateContainer, stateFile } from "../model/run-files.ts";
import { Target } from "../model/target.ts";
import type { Services } from "../services/services.ts";

const Bucket = z.array(Target);

/** The targets of one bucket as the run was given them, in order. */
export async function readBucket(
  { files }: Pick<Services, "files">,
  runId: RunId,
  bucket: number,
): Promise<readonly Target[]> {
  const path = stateFile.targets(runId, bucket);
  const content = await files.read(stateContainer, path);
  if (!content) throw new Failure("UnknownFile", `The run's target list ${path} is gone.`);
  return Bucket.parse(JSON.parse(Buffer.from(content).toString("utf8")));
}
