/**
 * Azure's built-in roles for the data of a storage account, as far as the assignments here use them.
 * https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/storage
 */

interface RoleDefinition {
  readonly id: string;
  /** Without the `Microsoft.Storage/storageAccounts/` in front; `*` stands for any text. */
  readonly actions: readonly string[];
}

export const roleDefinitions = {
  storageBlobDataOwner: {
    id: "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    actions: ["blobServices/containers/*", "blobServices/generateUserDelegationKey/action"],
  },
  storageBlobDataContributor: {
    id: "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    actions: [
      "blobServices/containers/delete",
      "blobServices/containers/read",
      "blobServices/containers/write",
      "blobServices/generateUserDelegationKey/action",
      "blobServices/containers/blobs/delete",
      "blobServices/containers/blobs/read",
      "blobServices/containers/blobs/write",
      "blobServices/containers/blobs/move/action",
      "blobServices/containers/blobs/add/action",
    ],
  },
  storageBlobDataReader: {
    id: "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    actions: [
      "blobServices/containers/read",
      "blobServices/generateUserDelegationKey/action",
      "blobServices/containers/blobs/read",
    ],
  },
  storageQueueDataContributor: {
    id: "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
    actions: [
      "queueServices/queues/delete",
      "queueServices/queues/read",
      "queueServices/queues/write",
      "queueServices/queues/messages/delete",
      "queueServices/queues/messages/read",
      "queueServices/queues/messages/write",
      "queueServices/queues/messages/process/action",
    ],
  },
  storageTableDataContributor: {
    id: "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
    actions: [
      "tableServices/tables/delete",
      "tableServices/tables/read",
      "tableServices/tables/write",
      "tableServices/tables/entities/add/action",
      "tableServices/tables/entities/delete",
      "tableServices/tables/entities/read",
      "tableServices/tables/entities/update/action",
      "tableServices/tables/entities/write",
    ],
  },
} as const satisfies Readonly<Record<string, RoleDefinition>>;

export type RoleName = keyof typeof roleDefinitions;
