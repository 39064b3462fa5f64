import { isRecord, jsonResponse, type WebRequest, type WebResponse } from "../../web-server.ts";
import { type Caller, toGroups } from "../authentication.ts";
import { badRequest, type Cause, invalid, KubernetesError } from "../errors.ts";
import type { Json } from "../objects.ts";
import { readObject } from "../verbs/call.ts";
import { isAllowed, rulesOf } from "./access.ts";
import { accessReview, type Review, rulesReview } from "./reviews.ts";

/**
 * POST of a review, which whoever is known may do. @throws BadRequest, Invalid, MethodNotAllowed
 * https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
 */
export function answerReview(caller: Caller, review: Review, request: WebRequest): WebResponse {
  if (request.method !== "POST") {
    throw new KubernetesError(
      "MethodNotAllowed",
      "the server does not allow this method on the requested resource",
    );
  }
  const given = readObject({ request });
  return jsonResponse(201, {
    ...{ kind: review.kind, apiVersion: `${review.group}/v1` },
    metadata: { creationTimestamp: null },
    ...toContent(caller, review, recordAt(given, "spec")),
  });
}

function toContent(caller: Caller, review: Review, spec: Json): Json {
  if (review === accessReview) {
    checkAccessReview(spec);
    return { spec, status: { allowed: isAllowed(caller, spec) } };
  }
  if (review === rulesReview) return { spec, status: rulesOf(caller, parseNamespace(spec)) };
  return { status: { userInfo: { username: caller.name, groups: toGroups(caller) } } };
}

function checkAccessReview(spec: Json): void {
  const { resourceAttributes, nonResourceAttributes } = spec;
  if (isRecord(resourceAttributes) !== isRecord(nonResourceAttributes)) return;
  const both = isRecord(resourceAttributes);
  const cause: Cause = {
    reason: "FieldValueInvalid",
    field: both ? "spec.nonResourceAttributes" : "spec.resourceAttributes",
    message: both
      ? `Invalid value: ${JSON.stringify(nonResourceAttributes)}: cannot be specified in combination with resourceAttributes`
      : "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified",
  };
  throw invalid(accessReview, "", [cause]);
}

function parseNamespace({ namespace }: Json): string {
  if (typeof namespace === "string" && namespace !== "") return namespace;
  throw badRequest("no namespace on request");
}

function recordAt(value: Json, name: string): Json {
  const found = value[name];
  return isRecord(found) ? found : {};
}
