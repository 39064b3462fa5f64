import {
  type Account,
  type FailureInfo,
  type Json,
  listAt,
  type NodeProblem,
  type Pool,
  recordAt,
  textAt,
} from "./account.ts";

/** Container images: nothing is pulled or run in a container here, but what cannot be pulled fails as in Azure. */

const toContainers = (pool: Pool): Json =>
  recordAt(
    recordAt(recordAt(pool.given, "deploymentConfiguration"), "virtualMachineConfiguration"),
    "containerConfiguration",
  );

/** Why a node of this pool is unusable: it pulls the pool's images when it starts. */
export function findImageProblem(account: Account, pool: Pool): NodeProblem | undefined {
  const { containerImageNames: names } = toContainers(pool);
  const missing = (Array.isArray(names) ? names : []).map(String).find((name) => !hasImage(account, name));
  return missing === undefined ? undefined : { ...invalidImage, details: toDetails(missing) };
}

/** Why a task cannot start: it pulls its image when the pool has not. */
export function findTaskImageProblem(account: Account, pool: Pool, task: Json): FailureInfo | undefined {
  const image = textAt(recordAt(task, "containerSettings"), "imageName");
  if (image === undefined) return undefined;
  if (Object.keys(toContainers(pool)).length === 0) {
    const message = "The pool does not support containers";
    return { category: "usererror", code: "ContainerPoolNotSupported", message };
  }
  if (hasImage(account, image)) return undefined;
  return { category: "usererror", ...invalidImage, details: toDetails(image) };
}

/** An identity that a registry names and the pool does not have. */
export function findForeignIdentity(given: Json, identities: readonly string[]): string | undefined {
  const pool = { given } as Pool;
  const named = listAt(toContainers(pool), "containerRegistries")
    .map((registry) => textAt(recordAt(registry, "identityReference"), "resourceId"))
    .filter((id) => id !== undefined);
  const known = new Set(identities.map((id) => id.toLowerCase()));
  return named.find((id) => !known.has(id.toLowerCase()));
}

const invalidImage = {
  code: "ContainerInvalidImage",
  message: "One or more container images specified are invalid",
};

const hasImage = (account: Account, image: string): boolean => !account.missingImages.has(image);

const toDetails = (image: string): NonNullable<NodeProblem["details"]> => [
  { name: "ContainerImage", value: image },
  { name: "Message", value: `manifest for ${image} not found: manifest unknown` },
];
