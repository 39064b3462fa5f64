import type { Pool } from "@azure/arm-batch";
import { toWorkerSource } from "../../model/batch-settings.ts";
import type { FunctionSettings } from "../../model/settings.ts";

type VirtualMachines = NonNullable<
  NonNullable<Pool["deploymentConfiguration"]>["virtualMachineConfiguration"]
>;

/** Ubuntu with a container runtime. */
const standardImage = {
  imageReference: { publisher: "microsoft-dsvm", offer: "ubuntu-hpc", sku: "2204", version: "latest" },
  nodeAgentSkuId: "batch.node.ubuntu 22.04",
};

/**
 * The pool all runs share. The identity can be set through the management plane only; classic node
 * communication is retired, so Simplified is asked for.
 */
export function toPool(settings: FunctionSettings, scaleSettings: NonNullable<Pool["scaleSettings"]>): Pool {
  return {
    identity: { type: "UserAssigned", userAssignedIdentities: { [settings.WORKER_IDENTITY_ID]: {} } },
    vmSize: settings.BATCH_VM_SIZE,
    targetNodeCommunicationMode: "Simplified",
    taskSlotsPerNode: 1,
    taskSchedulingPolicy: { nodeFillType: "Spread" },
    deploymentConfiguration: {
      virtualMachineConfiguration: {
        ...toImage(settings),
        ...(toWorkerSource(settings) === "image" && toContainers(settings)),
      },
    },
    ...(toWorkerSource(settings) === "start-task" && toStartTask(settings)),
    ...(settings.BATCH_SUBNET_ID && toNetwork(settings, settings.BATCH_SUBNET_ID)),
    scaleSettings,
  };
}

function toImage({ BATCH_VM_IMAGE, BATCH_NODE_AGENT }: FunctionSettings): VirtualMachines {
  if (!BATCH_VM_IMAGE || !BATCH_NODE_AGENT) return standardImage;
  if (BATCH_VM_IMAGE.startsWith("/")) {
    return { imageReference: { id: BATCH_VM_IMAGE }, nodeAgentSkuId: BATCH_NODE_AGENT };
  }
  const [publisher = "", offer = "", sku = "", version = ""] = BATCH_VM_IMAGE.split(":");
  return { imageReference: { publisher, offer, sku, version }, nodeAgentSkuId: BATCH_NODE_AGENT };
}

/** The image is pulled when a node starts, with the node's own identity. */
function toContainers({
  WORKER_IMAGE: image = "",
  WORKER_IDENTITY_ID,
}: FunctionSettings): Pick<VirtualMachines, "containerConfiguration"> {
  return {
    containerConfiguration: {
      type: "DockerCompatible",
      containerImageNames: [image],
      containerRegistries: [
        {
          registryServer: image.split("/")[0] ?? image,
          identityReference: { resourceId: WORKER_IDENTITY_ID },
        },
      ],
    },
  };
}

/** As administrator: it installs things. Once more when it fails, as downloads do; a node is used only after it. */
function toStartTask({ BATCH_START_TASK }: FunctionSettings): Pick<Pool, "startTask"> {
  return {
    startTask: {
      commandLine: BATCH_START_TASK ?? "",
      waitForSuccess: true,
      maxTaskRetryCount: 1,
      userIdentity: { autoUser: { scope: "Pool", elevationLevel: "Admin" } },
    },
  };
}

function toNetwork(
  { BATCH_PUBLIC_IP }: FunctionSettings,
  subnetId: string,
): Pick<Pool, "networkConfiguration"> {
  const provision = BATCH_PUBLIC_IP === "none" ? "NoPublicIPAddresses" : "BatchManaged";
  return { networkConfiguration: { subnetId, publicIPAddressConfiguration: { provision } } };
}
