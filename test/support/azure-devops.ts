import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { createLocalCertificates } from "../../local/certificates.ts";
import type { CallbackAddress } from "../../model/callback.ts";

/** One call, as Azure DevOps would have got it. */
interface DevOpsCall {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

export interface AzureDevOps {
  /** Of the organization; with its `/` at the end it is an entry of the allow-list too. */
  readonly planUrl: string;
  /** PEM of the authority that signed its certificate. */
  readonly ca: string;
  readonly calls: DevOpsCall[];
  /** Statuses of the next answers to events; then 200. A redirect leads back to where it came from. */
  readonly answers: number[];
  stop(): Promise<void>;
}

/** The little of Azure DevOps that a server job needs: its events and its live log, over https. */
export async function startAzureDevOps(
  tls?: Awaited<ReturnType<typeof createLocalCertificates>>,
): Promise<AzureDevOps> {
  const { ca, key, cert } = tls ?? (await createLocalCertificates());
  const calls: DevOpsCall[] = [];
  const answers: number[] = [];
  const server = createServer({ key, cert }, (request, response) => {
    void buffer(request).then((body) => {
      const path = request.url ?? "";
      calls.push({ path, authorization: request.headers.authorization, body: JSON.parse(body.toString()) });
      const status = path.includes("/events") ? (answers.shift() ?? 200) : 200;
      response.writeHead(status, status === 302 ? { location: path } : {}).end("{}");
    });
  });
  await listen(server);
  const { port } = server.address() as AddressInfo;
  return {
    planUrl: `https://localhost:${port}/fabrikam/`,
    ca,
    calls,
    answers,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

const listen = (server: Server): Promise<void> =>
  new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

const id = (digit: number): string => `00000000-0000-4000-8000-00000000000${digit}`;

export function sampleAddress(planUrl: string): CallbackAddress {
  const [projectId, planId, jobId, timelineId, taskInstanceId] = [1, 2, 3, 4, 5].map(id) as [
    string,
    string,
    string,
    string,
    string,
  ];
  return { planUrl, projectId, hubName: "build", planId, jobId, timelineId, taskInstanceId };
}

/** As InvokeRESTAPI@1 sends it by default. */
export function toTaskHeaders(address: CallbackAddress, token: string): Readonly<Record<string, string>> {
  return {
    PlanUrl: address.planUrl,
    ProjectId: address.projectId,
    HubName: address.hubName,
    PlanId: address.planId,
    JobId: address.jobId,
    ...(address.timelineId !== undefined && { TimelineId: address.timelineId }),
    TaskInstanceId: address.taskInstanceId,
    AuthToken: token,
  };
}
