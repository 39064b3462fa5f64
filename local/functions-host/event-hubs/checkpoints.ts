import type { CheckpointStore } from "@azure/event-hubs";
import { BlobCheckpointStore } from "@azure/eventhubs-checkpointstore-blob";
import { BlobServiceClient, type ContainerClient } from "@azure/storage-blob";
import { readConnection } from "../connection.ts";
import type { Settings } from "../options.ts";

/** Checkpoints and ownership where the real extension keeps them: a container of the app's own storage account. */
export async function createCheckpointStore(settings: Settings): Promise<CheckpointStore> {
  const container = blobService(settings).getContainerClient("azure-webjobs-eventhub");
  await container.createIfNotExists();
  return new BlobCheckpointStore(container satisfies ContainerClient);
}

function blobService(settings: Settings): BlobServiceClient {
  const connection = readConnection("AzureWebJobsStorage", ["blobServiceUri"], settings);
  if ("connectionString" in connection) {
    return BlobServiceClient.fromConnectionString(connection.connectionString);
  }
  return new BlobServiceClient(connection.endpoint, connection.credential);
}
