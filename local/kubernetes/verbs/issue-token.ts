import { isRecord, jsonResponse, type WebResponse } from "../../web-server.ts";
import { now } from "../cluster.ts";
import { invalid } from "../errors.ts";
import { toTime } from "../objects.ts";
import { issueServiceAccountToken } from "../pods/service-account-token.ts";
import { type Call, findObject, readObject } from "./call.ts";

const standardSeconds = 3_600;
const shortestSeconds = 600;

/**
 * POST of a TokenRequest to a service account. @throws NotFound, Invalid (shorter than ten minutes)
 * https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/
 */
export function postToken(call: Call): WebResponse {
  const { cluster } = call;
  const { metadata } = findObject(call);
  const given = readObject(call)["spec"];
  const spec = isRecord(given) ? given : {};
  const seconds = Number(spec["expirationSeconds"] ?? standardSeconds);
  if (seconds < shortestSeconds) throw tooShort(metadata.name, seconds);
  const audiences = Array.isArray(spec["audiences"]) ? spec["audiences"].map(String) : [];
  const owner = { namespace: metadata.namespace ?? "", serviceAccount: metadata.name };
  const token = issueServiceAccountToken(cluster, owner, { audience: audiences[0], seconds });
  return jsonResponse(201, {
    ...{ kind: "TokenRequest", apiVersion: "authentication.k8s.io/v1" },
    metadata: { name: metadata.name, namespace: metadata.namespace, creationTimestamp: toTime(now(cluster)) },
    spec: {
      ...spec,
      audiences: audiences.length > 0 ? audiences : [cluster.url],
      expirationSeconds: seconds,
    },
    status: { token, expirationTimestamp: toTime(now(cluster) + seconds * 1_000) },
  });
}

const tooShort = (name: string, seconds: number): Error =>
  invalid({ group: "authentication.k8s.io", kind: "TokenRequest" }, name, [
    {
      reason: "FieldValueInvalid",
      field: "spec.expirationSeconds",
      message: `Invalid value: ${seconds}: may not specify a duration less than 10 minutes`,
    },
  ]);
