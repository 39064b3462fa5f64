import { jsonResponse, type WebResponse } from "../../web-server.ts";
import type { Account, Json } from "../account.ts";

/** The account itself. https://learn.microsoft.com/rest/api/batchmanagement/batch-account */

/** @param id the resource id a request names it by */
export const getAccount = (account: Account, id: string): WebResponse =>
  jsonResponse(200, toAccountView(account, id));

export const listAccounts = (account: Account, scope: string): WebResponse =>
  jsonResponse(200, {
    value: [
      toAccountView(
        account,
        `${scope}/providers/Microsoft.Batch/batchAccounts/${account.settings.accountName}`,
      ),
    ],
  });

/** Both keys sign. */
export const listKeys = (
  account: Account,
  { primary, secondary }: { readonly primary: string; readonly secondary: string },
): WebResponse => jsonResponse(200, { accountName: account.settings.accountName, primary, secondary });

function toAccountView({ settings, url }: Account, id: string): Json {
  const host = url.replace(/^https:\/\//, "");
  return {
    ...{ id, name: settings.accountName, type: "Microsoft.Batch/batchAccounts", location: "local", tags: {} },
    identity: { type: "None" },
    properties: {
      // Without a scheme, as Azure writes it.
      accountEndpoint: host,
      nodeManagementEndpoint: host,
      ...{ provisioningState: "Succeeded", poolAllocationMode: "BatchService" },
      ...{ publicNetworkAccess: "Enabled", privateEndpointConnections: [] },
      encryption: { keySource: "Microsoft.Batch" },
      ...{ dedicatedCoreQuota: settings.maximumNodes, lowPriorityCoreQuota: settings.maximumNodes },
      ...{ dedicatedCoreQuotaPerVMFamily: [], dedicatedCoreQuotaPerVMFamilyEnforced: false },
      ...{ poolQuota: 100, activeJobAndJobScheduleQuota: 300 },
      allowedAuthenticationModes: ["AAD", "SharedKey", "TaskAuthenticationToken"],
    },
  };
}
