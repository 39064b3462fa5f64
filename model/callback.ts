import { z } from "zod";
import type { FailureReport } from "./failures.ts";

/**
 * Where the task of a server job waits to be told how its run ended. No secret: the token that opens it is kept in
 * the Key Vault only. Source of the facts:
 * https://learn.microsoft.com/azure/devops/pipelines/process/invoke-checks#pass-pipeline-run-information-to-checks
 */
export const CallbackAddress = z.object({
  /** `https://dev.azure.com/{organization}/` */
  planUrl: z.url().max(500),
  projectId: z.guid(),
  /** `build`, `release`, … */
  hubName: z.string().regex(/^[A-Za-z]{1,40}$/),
  planId: z.guid(),
  jobId: z.guid(),
  /** With it the job's live log gets a line; a task works without. */
  timelineId: z.guid().optional(),
  taskInstanceId: z.guid(),
});
export type CallbackAddress = z.infer<typeof CallbackAddress>;

const Reason = z.custom<FailureReport>((value) => typeof value === "object" && value !== null);

/** What came of telling the job. */
export const CallbackOutcome = z.discriminatedUnion("state", [
  z.object({ state: z.literal("sent"), at: z.iso.datetime() }),
  z.object({ state: z.literal("failed"), at: z.iso.datetime(), failure: Reason }),
]);
export type CallbackOutcome = z.infer<typeof CallbackOutcome>;

export const Callback = z.discriminatedUnion("state", [
  z.object({ state: z.literal("pending"), address: CallbackAddress }),
  ...CallbackOutcome.options.map((outcome) => outcome.extend({ address: CallbackAddress })),
]);
export type Callback = z.infer<typeof Callback>;

/**
 * Whether the job's token may be sent there. An entry is an https address; `*.` at its front stands for any part of a
 * host name. Host and port must be the entry's, and the path must begin with the entry's path.
 */
export function isCallbackAllowed(planUrl: string, allowList: readonly string[]): boolean {
  const url = parsePlain(planUrl);
  return url !== undefined && allowList.some((entry) => covers(entry, url));
}

/** Nothing but scheme, host, port and path: what else a URL can carry has no place in a plan's. */
function parsePlain(text: string): URL | undefined {
  const url = URL.parse(text);
  const isPlain =
    url?.protocol === "https:" && `${url.username}${url.password}${url.search}${url.hash}` === "";
  return isPlain ? url : undefined;
}

function covers(entry: string, url: URL): boolean {
  const anyPart = "https://*.";
  const isSuffix = entry.startsWith(anyPart);
  const allowed = parsePlain(isSuffix ? `https://${entry.slice(anyPart.length)}` : entry);
  if (allowed?.port !== url.port) return false;
  const { hostname } = allowed;
  const isHost = isSuffix ? url.hostname.endsWith(`.${hostname}`) : url.hostname === hostname;
  return isHost && toFolder(url).startsWith(toFolder(allowed));
}

function toFolder({ pathname }: URL): string {
  return pathname.endsWith("/") ? pathname : `${pathname}/`;
}
