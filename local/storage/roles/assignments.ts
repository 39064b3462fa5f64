import type { PathRule } from "./path-rules.ts";
import type { RoleName } from "./role-definitions.ts";

/** One line of `deploy/modules/roles.bicep`, as far as it is about Storage. */
export interface StorageAssignment {
  readonly principal: "functionApp" | "worker";
  readonly role: RoleName;
  /** Azure has two accounts, so that workers are far from what the Function App runs and remembers; Azurite is both. */
  readonly account: "host" | "data";
  /** Absent = the whole account. */
  readonly container?: string;
  /** The condition. */
  readonly rules?: readonly PathRule[];
}

const blobs = "blobServices/containers/blobs";
const read = [`${blobs}/read`];
const change = [`${blobs}/write`, `${blobs}/add/action`, `${blobs}/delete`, `${blobs}/move/action`];

/**
 * Who may do what in Storage: the whole list, which `test/deploy/roles.test.ts` holds against the Bicep file.
 * Workers all have one identity, so no condition can know whose run a path is of; but none of them can list.
 */
export const storageAssignments: readonly StorageAssignment[] = [
  { principal: "functionApp", role: "storageBlobDataOwner", account: "host" },
  { principal: "functionApp", role: "storageQueueDataContributor", account: "host" },
  { principal: "functionApp", role: "storageTableDataContributor", account: "host" },
  { principal: "functionApp", role: "storageBlobDataContributor", account: "data" },
  { principal: "functionApp", role: "storageTableDataContributor", account: "data" },
  {
    ...{ principal: "worker", role: "storageBlobDataReader", account: "data", container: "packages" },
    rules: [{ actions: read, paths: ["*/content.json"] }],
  },
  {
    ...{ principal: "worker", role: "storageBlobDataContributor", account: "data", container: "state" },
    rules: [
      { actions: read, paths: ["*/plan.json", "*/control.json", "*/results/*"] },
      { actions: change, paths: ["*/results/*"] },
    ],
  },
  {
    ...{ principal: "worker", role: "storageBlobDataContributor", account: "data", container: "runs" },
    rules: [{ actions: [...read, ...change], paths: ["*/logs/*"] }],
  },
];
