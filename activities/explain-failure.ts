import { z } from "zod";
import { Failure } from "../model/failures.ts";
import type { RunId } from "../model/ids.ts";
import { stateContainer, stateFile } from "../model/run-files.ts";
import type { Services } from "../services/services.ts";

const StartFailure = z.object({ code: z.string(), message: z.string() });

/** A compute knows only that its workers could not start; the workers themselves, as far as they got, said why. */
export async function explainFailure(
  { files }: Pick<Services, "files">,
  runId: RunId,
  failure: Failure,
): Promise<Failure> {
  if (failure.code !== "WorkersCouldNotStart") return failure;
  const said = await readFirst(files, runId).catch(() => undefined);
  if (!said) return failure;
  const text = `The workers could not start: ${said.code}: ${said.message}`;
  return new Failure("WorkersCouldNotStart", text, { cause: failure });
}

async function readFirst(
  files: Services["files"],
  runId: RunId,
): Promise<z.infer<typeof StartFailure> | undefined> {
  const page = await files.list(stateContainer, stateFile.startFailures(runId), { size: 1 });
  const [first] = page.files;
  const content = first && (await files.read(stateContainer, first.path));
  return content && StartFailure.parse(JSON.parse(Buffer.from(content).toString("utf8")));
}
