import { type Account, type Json, numberAt, recordAt, type Target, textAt } from "./account.ts";
import { checkAutoScale } from "./autoscale/scale-pool.ts";
import { invalid, notImitated } from "./errors.ts";
import { findForeignIdentity } from "./images.ts";

const unsupported = ["applicationPackages", "mountConfiguration", "certificates"];
const required = ["vmSize", "deploymentConfiguration"];
const subnet =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/virtualNetworks\/[^/]+\/subnets\/[^/]+$/i;

/** What the service looks at before it makes or changes a pool. @throws BatchError */
export function checkPool(account: Account, given: Json, identities: readonly string[]): void {
  for (const name of required) if (given[name] === undefined) throw invalid(name, "is required");
  for (const name of unsupported) if (given[name] !== undefined) throw notImitated(`pool.${name}`);
  if (textAt(given, "targetNodeCommunicationMode")?.toLowerCase() === "classic") {
    throw invalid("targetNodeCommunicationMode", "Classic is retired");
  }
  checkStartTask(given);
  checkNetwork(recordAt(given, "networkConfiguration"));
  const foreign = findForeignIdentity(given, identities);
  if (foreign) throw invalid("identityReference", `is not an identity of the pool: ${foreign}`);
  checkAutoScale(account, recordAt(given, "scaleSettings"));
  const { dedicated, spot } = toTarget(given);
  const most = account.settings.maximumNodes;
  if (dedicated + spot > most) {
    throw invalid("targetDedicatedNodes", `is over the ${most} nodes of this machine`);
  }
}

/** Of a pool with a formula: none until it has been evaluated. */
export function toTarget(given: Json): Target {
  const scale = recordAt(recordAt(given, "scaleSettings"), "fixedScale");
  return {
    dedicated: numberAt(scale, "targetDedicatedNodes") ?? 0,
    spot: numberAt(scale, "targetLowPriorityNodes") ?? 0,
    keepsBusyNodes: textAt(scale, "nodeDeallocationOption")?.toLowerCase() === "taskcompletion",
  };
}

function checkStartTask(given: Json): void {
  if (given["startTask"] === undefined) return;
  const commandLine = textAt(recordAt(given, "startTask"), "commandLine") ?? "";
  if (commandLine.trim() === "") throw invalid("startTask.commandLine", "is required");
}

function checkNetwork(network: Json): void {
  const subnetId = textAt(network, "subnetId");
  if (subnetId !== undefined && !subnet.test(subnetId))
    throw invalid("subnetId", "is no subnet's resource id");
  const provision = textAt(recordAt(network, "publicIPAddressConfiguration"), "provision");
  if (provision === "NoPublicIPAddresses" && subnetId === undefined) {
    throw invalid("publicIPAddressConfiguration", "without public addresses needs a subnetId");
  }
}
