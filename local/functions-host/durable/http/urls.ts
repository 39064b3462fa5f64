/** Where the two APIs are. */
export const rpcPrefix = "/durabletask/";
export const webhookPrefix = "/runtime/webhooks/durabletask/";

/** Stands for the id in the management URLs of the client binding. */
const idPlaceholder = "INSTANCEID";

/** `id` and the URLs by which an instance is managed, as `createCheckStatusResponse` sends them. */
interface ManagementUrls {
  readonly id: string;
  readonly statusQueryGetUri: string;
  readonly sendEventPostUri: string;
  readonly terminatePostUri: string;
  readonly rewindPostUri: string;
  readonly purgeHistoryDeleteUri: string;
  readonly restartPostUri: string;
  readonly suspendPostUri: string;
  readonly resumePostUri: string;
}

export interface Urls {
  readonly managementUrls: (instanceId: string) => ManagementUrls;
  /** JSON of the durableClient input binding. */
  readonly clientBinding: () => string;
}

export interface UrlSource {
  readonly baseUrl: string;
  readonly hubName: string;
  readonly systemKey: string;
}

export function createUrls({ baseUrl, hubName, systemKey }: UrlSource): Urls {
  const webhook = `${baseUrl}${webhookPrefix.slice(0, -1)}`;
  const code = `code=${encodeURIComponent(systemKey)}`;
  const query = `taskHub=${encodeURIComponent(hubName)}&connection=Storage&${code}`;
  const managementUrls = (instanceId: string): ManagementUrls => {
    const instance = `${webhook}/instances/${encodeURIComponent(instanceId)}`;
    const withReason = (verb: string): string => `${instance}/${verb}?reason={text}&${query}`;
    return {
      id: instanceId,
      statusQueryGetUri: `${instance}?${query}`,
      sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
      terminatePostUri: withReason("terminate"),
      rewindPostUri: withReason("rewind"),
      purgeHistoryDeleteUri: `${instance}?${query}`,
      restartPostUri: `${instance}/restart?${query}`,
      suspendPostUri: withReason("suspend"),
      resumePostUri: withReason("resume"),
    };
  };
  const create = `${webhook}/orchestrators/{functionName}[/{instanceId}]`;
  const binding = {
    taskHubName: hubName,
    creationUrls: {
      createNewInstancePostUri: `${create}?${code}`,
      createAndWaitOnNewInstancePostUri: `${create}?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&${code}`,
    },
    managementUrls: managementUrls(idPlaceholder),
    baseUrl: webhook,
    requiredQueryStringParameters: code,
    rpcBaseUrl: `${baseUrl}${rpcPrefix}`,
  };
  return { managementUrls, clientBinding: () => JSON.stringify(binding) };
}
