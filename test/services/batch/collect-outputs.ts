import { text } from "node:stream/consumers";
import type { RunId } from "../../../model/ids.ts";
import type { Compute } from "../../../services/services.ts";

/** `{worker} {name}` → what was written, of the first round. */
export async function collectOutputs(
  compute: Compute,
  runId: RunId,
): Promise<Readonly<Record<string, string>>> {
  const outputs: Record<string, string> = {};
  for await (const { worker, name, content } of compute.outputs(runId, 1)) {
    outputs[`${worker} ${name}`] = await text(content);
  }
  return outputs;
}
