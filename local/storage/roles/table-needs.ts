import { isRead, toResource, type ToNeeds } from "./requests.ts";

const entities = "tableServices/tables/entities";

/**
 * What calls of the table service need. Roles on single tables are not imitated.
 * https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory#permissions-for-table-service-operations
 */
export const toTableNeeds: ToNeeds = ({ method, url }) => {
  const { first } = toResource(url);
  const kind = isRead(method) ? "read" : method === "DELETE" ? "delete" : "write";
  if (first === "") return [{ anyOf: [`tableServices/${kind}`] }];
  if (/^Tables\b/i.test(first)) return [{ anyOf: [`tableServices/tables/${kind}`] }];
  if (url.searchParams.get("comp") === "acl") {
    return [{ anyOf: [`tableServices/tables/${isRead(method) ? "getAcl" : "setAcl"}/action`] }];
  }
  return [{ anyOf: [`${entities}/${kind}`] }];
};
