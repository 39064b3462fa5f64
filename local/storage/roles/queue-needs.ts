import { isRead, toResource, type ToNeeds } from "./requests.ts";

const messages = "queueServices/queues/messages";

/**
 * What calls of the queue service need. Roles on single queues are not imitated.
 * https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory#permissions-for-queue-service-operations
 */
export const toQueueNeeds: ToNeeds = ({ method, url }) => {
  const { first, rest } = toResource(url);
  if (rest !== "") return [{ anyOf: toMessageActions(method, url) }];
  const kind = isRead(method) ? "read" : method === "DELETE" ? "delete" : "write";
  if (first === "" && url.searchParams.get("comp") !== "list") return [{ anyOf: [`queueServices/${kind}`] }];
  return [{ anyOf: [`queueServices/queues/${kind}`] }];
};

function toMessageActions(method: string, url: URL): readonly string[] {
  if (isRead(method)) {
    const peeks = url.searchParams.get("peekonly") === "true";
    return [peeks ? `${messages}/read` : `${messages}/process/action`];
  }
  if (method === "DELETE") return [`${messages}/delete`, `${messages}/process/action`];
  return method === "POST" ? [`${messages}/add/action`, `${messages}/write`] : [`${messages}/write`];
}
