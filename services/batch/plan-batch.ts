import type { Pool } from "@azure/arm-batch";
import type { BatchServiceModels } from "@azure/batch";
import type { FunctionSettings } from "../../model/settings.ts";

/** How long a node may keep a finished task's files. */
const retentionTime = "P1D";

/**
 * The pool all runs share. The identity can be set through the management plane only; classic node
 * communication is retired, so Simplified is asked for.
 */
export function toPool(settings: FunctionSettings, nodes: number): Pool {
  return {
    identity: { type: "UserAssigned", userAssignedIdentities: { [settings.WORKER_IDENTITY_ID]: {} } },
    vmSize: settings.BATCH_VM_SIZE,
    targetNodeCommunicationMode: "Simplified",
    taskSlotsPerNode: 1,
    taskSchedulingPolicy: { nodeFillType: "Spread" },
    deploymentConfiguration: {
      virtualMachineConfiguration: {
        imageReference: {
          publisher: "microsoft-dsvm",
          offer: "ubuntu-hpc",
          sku: "2204",
          version: "latest",
        },
        nodeAgentSkuId: "batch.node.ubuntu 22.04",
        ...(settings.WORKER_IMAGE && {
          containerConfiguration: toContainers(settings, settings.WORKER_IMAGE),
        }),
      },
    },
    scaleSettings: { fixedScale: { targetDedicatedNodes: nodes } },
  };
}

/** The image is pulled when a node starts, with the node's own identity. */
function toContainers(
  settings: FunctionSettings,
  image: string,
): NonNullable<
  NonNullable<
    NonNullable<Pool["deploymentConfiguration"]>["virtualMachineConfiguration"]
  >["containerConfiguration"]
> {
  return {
    type: "DockerCompatible",
    containerImageNames: [image],
    containerRegistries: [
      {
        registryServer: image.split("/")[0] ?? image,
        identityReference: { resourceId: settings.WORKER_IDENTITY_ID },
      },
    ],
  };
}

/** One task per node, each a worker. Settings only: a worker reads its secrets from the Key Vault. */
export function toTasks(
  settings: FunctionSettings,
  nodes: number,
  environment: Readonly<Record<string, string>>,
): BatchServiceModels.TaskAddParameter[] {
  return Array.from({ length: nodes }, (_, index) => {
    const id = `worker-${index + 1}`;
    return {
      id,
      commandLine: settings.WORKER_COMMAND,
      constraints: { maxTaskRetryCount: 0, retentionTime },
      environmentSettings: Object.entries({ ...environment, WORKER_ID: id }).map(([name, value]) => ({
        name,
        value,
      })),
      ...(settings.WORKER_IMAGE && {
        containerSettings: { imageName: settings.WORKER_IMAGE, containerRunOptions: "--rm" },
      }),
    };
  });
}
