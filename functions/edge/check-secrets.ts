import { Failure } from "../../model/failures.ts";
import type { RunPlan } from "../../model/run-document.ts";
import type { SecretName } from "../../model/secrets.ts";
import type { FunctionSettings } from "../../model/settings.ts";
import type { Services } from "../../services/services.ts";

type Settings = Pick<FunctionSettings, "SERVICE_BUS_NAMESPACE" | "EVENT_HUBS_NAMESPACE">;

/**
 * Workers would find out by themselves, minutes later and on machines that cost. Only names are asked for: the
 * Function App has no use for the databases' password.
 * @throws SecretMissing
 */
export async function checkSecrets(
  { secrets }: Pick<Services, "secrets">,
  settings: Settings,
  auth: RunPlan["auth"],
): Promise<void> {
  const needed = toNeeded(settings, auth);
  if (needed.length === 0) return;
  const stored = new Set((await secrets.list()).map(({ name }) => name));
  const missing = needed.filter((name) => !stored.has(name));
  if (missing.length === 0) return;
  throw new Failure("SecretMissing", `The Key Vault lacks what workers need: ${missing.join(", ")}.`);
}

/** What only workers read; the Function App's own secrets are missed before this. */
function toNeeded(settings: Settings, { kind }: RunPlan["auth"]): readonly SecretName[] {
  return [
    ...(kind === "Password" ? (["UserName", "Password"] as const) : []),
    ...(settings.SERVICE_BUS_NAMESPACE ? [] : (["ServiceBusTopicConnectionString"] as const)),
    ...(settings.EVENT_HUBS_NAMESPACE ? [] : (["EventHubConnectionString"] as const)),
  ];
}
