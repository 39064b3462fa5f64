import type { IncomingMessage } from "node:http";
import { request, type RequestOptions } from "node:https";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { ApiException, type KubeConfig, type V1Pod } from "@kubernetes/client-node";
import type { WorkerOutput } from "../services.ts";
import type { Clients } from "./connect.ts";
import { listPods, type Place } from "./read-state.ts";

/**
 * What each pod of a job wrote, standard output and error in one as the container runtime keeps them; the pods that
 * failed and were replaced too. A pod that never started wrote nothing, and a deleted one's log went with it.
 */
export async function* readOutputs(clients: Clients, place: Place): AsyncGenerator<WorkerOutput> {
  for (const pod of await listPods(clients, place)) {
    const content = await openLog(clients.config, place.namespace, pod);
    if (content) yield { worker: pod.metadata?.name ?? "", name: "log", content };
  }
}

/** A container that was started again has two logs, its last start's and the one before; older ones are gone. */
async function openLog(
  config: KubeConfig,
  namespace: string,
  { metadata, status }: V1Pod,
): Promise<Readable | undefined> {
  const path = `/api/v1/namespaces/${namespace}/pods/${metadata?.name ?? ""}/log`;
  const restarted = (status?.containerStatuses?.[0]?.restartCount ?? 0) > 0;
  if (!restarted) return unlessUnreadable(() => open(config, path));
  return Readable.from(inOrder(config, [`${path}?previous=true`, path]), { objectMode: false });
}

async function* inOrder(config: KubeConfig, paths: readonly string[]): AsyncGenerator<Buffer> {
  for (const path of paths) {
    const log = await unlessUnreadable(() => open(config, path));
    if (log) yield* log as AsyncIterable<Buffer>;
  }
}

/**
 * 400: it never started. 404: it was deleted just now. 500: its node is gone, and the log with it. None of it is a
 * reason to do without the other pods' logs.
 */
async function unlessUnreadable(act: () => Promise<Readable>): Promise<Readable | undefined> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof ApiException && [400, 404, 500].includes(error.code)) return undefined;
    throw error;
  }
}

/** How long a connection may say nothing, in milliseconds: what is asked for is there already. */
const silence = 30_000;

/**
 * The generated client would have the whole log in memory, and its own streaming one never tells of a connection
 * that is cut.
 */
async function open(config: KubeConfig, path: string): Promise<Readable> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const url = new URL(`${config.getCurrentCluster()?.server ?? ""}${path}`);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(url, options, resolve).once("error", reject);
    sent.setTimeout(silence, () => sent.destroy(new Error("Kubernetes: a log does not come any further.")));
    sent.end();
  });
  const { statusCode: code = 0 } = response;
  if (code === 200) return response;
  throw new ApiException(code, "log", (await buffer(response)).toString(), {});
}
