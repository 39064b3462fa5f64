import type { Need } from "./is-allowed.ts";
import { isRead, type StorageRequest, toResource, type ToNeeds } from "./requests.ts";

/**
 * What calls of the blob service need.
 * https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory#permissions-for-blob-service-operations
 */
export const toBlobNeeds: ToNeeds = (request) => {
  const { first, rest } = toResource(request.url);
  const isContainer = request.url.searchParams.get("restype") === "container";
  if (first === "" || isAboutAccount(request.url)) return [{ anyOf: [toAccountAction(request)] }];
  if (isContainer) return [{ anyOf: [toContainerAction(request)], container: first }];
  const blob = rest === "" ? { container: "$root", path: first } : { container: first, path: rest };
  return [{ anyOf: toBlobActions(request), ...blob }, ...toSourceNeeds(request)];
};

const blobs = "blobServices/containers/blobs";
const comp = ({ url }: StorageRequest): string => url.searchParams.get("comp") ?? "";

function isAboutAccount({ searchParams }: URL): boolean {
  return ["service", "account"].includes(searchParams.get("restype") ?? "");
}

function toAccountAction(request: StorageRequest): string {
  switch (comp(request)) {
    case "list":
      return "blobServices/containers/read";
    case "userdelegationkey":
      return "blobServices/generateUserDelegationKey/action";
    case "blobs":
      return `${blobs}/filter/action`;
    case "batch":
      return `${blobs}/delete`;
    default:
      return isRead(request.method) ? "blobServices/read" : "blobServices/write";
  }
}

function toContainerAction(request: StorageRequest): string {
  const { method } = request;
  switch (comp(request)) {
    case "list":
      return `${blobs}/read`;
    case "blobs":
      return `${blobs}/filter/action`;
    case "batch":
      return `${blobs}/delete`;
    case "acl":
      return `blobServices/containers/${isRead(method) ? "getAcl" : "setAcl"}/action`;
    case "lease":
      return "blobServices/containers/write";
    default:
      if (isRead(method)) return "blobServices/containers/read";
      return `blobServices/containers/${method === "DELETE" ? "delete" : "write"}`;
  }
}

/** Calls that make something new need no more than the right to add; whether it is new, the service would know. */
const makers = ["", "appendblock", "snapshot"];

function toBlobActions(request: StorageRequest): readonly string[] {
  const { method, url } = request;
  const kind = comp(request);
  if (kind === "tags") return [`${blobs}/tags/${isRead(method) ? "read" : "write"}`];
  if (isRead(method) || kind === "query") return [`${blobs}/read`];
  if (method === "DELETE") {
    return [url.searchParams.has("versionid") ? `${blobs}/deleteBlobVersion/action` : `${blobs}/delete`];
  }
  return makers.includes(kind) ? [`${blobs}/write`, `${blobs}/add/action`] : [`${blobs}/write`];
}

/** A copy reads its source with the same token, unless the source's address carries a signature. */
function toSourceNeeds({ headers }: StorageRequest): readonly Need[] {
  const source = headers["x-ms-copy-source"];
  if (typeof source !== "string" || !URL.canParse(source)) return [];
  const url = new URL(source);
  if (url.searchParams.has("sig")) return [];
  const { first, rest } = toResource(url);
  return [{ anyOf: [`${blobs}/read`], container: first, path: rest }];
}
