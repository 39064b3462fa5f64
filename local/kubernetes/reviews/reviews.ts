/** The kinds that are asked and not kept: what may I do, and who am I. */
export interface Review {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
}

const define = (group: string, kind: string): Review => ({
  ...{ group: `${group}.k8s.io`, kind, plural: `${kind.toLowerCase()}s` },
});

export const accessReview = define("authorization", "SelfSubjectAccessReview");
export const rulesReview = define("authorization", "SelfSubjectRulesReview");
const subjectReview = define("authentication", "SelfSubjectReview");

export const reviews: readonly Review[] = [accessReview, rulesReview, subjectReview];

export const findReview = (path: string): Review | undefined =>
  reviews.find(({ group, plural }) => path === `/apis/${group}/v1/${plural}`);
