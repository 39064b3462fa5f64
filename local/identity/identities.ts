/** Who exists in the local directory. Each is an application or a managed identity, found by its client id. */
export interface LocalIdentity {
  /** For people: appears in the stack's table and in `listening`. */
  readonly name: string;
  readonly clientId: string;
  /** Object id of its service principal: the `oid` of its tokens. */
  readonly principalId: string;
  /** `/subscriptions/…/userAssignedIdentities/{name}` */
  readonly resourceId: string;
  /** Ways to prove being it at the token endpoint; a managed identity has none of the first two. */
  readonly secret?: string;
  /** PEM certificates registered for it. */
  readonly certificates?: readonly string[];
  /** Subjects of outside tokens that may act as it, such as `system:serviceaccount:{namespace}:{name}`. */
  readonly federatedSubjects?: readonly string[];
}

/** How a request names the identity it wants; at most one is set. */
export interface IdentityName {
  readonly clientId?: string | undefined;
  readonly principalId?: string | undefined;
  readonly resourceId?: string | undefined;
}

export function findIdentity(
  identities: readonly LocalIdentity[],
  name: IdentityName,
): LocalIdentity | undefined {
  const matches = (wanted: string | undefined, actual: string): boolean =>
    wanted?.toLowerCase() === actual.toLowerCase();
  return identities.find(
    (identity) =>
      matches(name.clientId, identity.clientId) ||
      matches(name.principalId, identity.principalId) ||
      matches(name.resourceId, identity.resourceId),
  );
}
