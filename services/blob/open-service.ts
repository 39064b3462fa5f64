import {
  BlobServiceClient,
  newPipeline,
  type RequestPolicyFactory,
  StorageSharedKeyCredential,
} from "@azure/storage-blob";
import type { Access, StorageAddress } from "../access.ts";
import { fromSecrets } from "../from-secrets.ts";
import { once } from "../once.ts";

/**
 * Milliseconds until an answer begins or goes on, the sending of a block of 4 MB included. The SDK would wait for as long as the
 * connection stands, which may be for ever when the other end is gone without a word; a worker that waits for its
 * order then never hears of it.
 */
export const patience = 10_000;

/** The account's blob service, opened when it is first asked for. */
export function openService(
  { credential, secrets }: Access,
  { account, url }: StorageAddress,
): () => Promise<BlobServiceClient> {
  const toUrl = (name: string): string => url ?? `https://${name}.blob.core.windows.net`;
  if (account) return once(() => openAs(toUrl(account), credential));
  return fromSecrets(secrets, ["StorageAccountName", "StorageAccountKey"], (values) => {
    const name = values.StorageAccountName;
    return openAs(toUrl(name), new StorageSharedKeyCredential(name, values.StorageAccountKey));
  });
}

function openAs(
  url: string,
  credential: StorageSharedKeyCredential | Access["credential"],
): BlobServiceClient {
  const pipeline = newPipeline(credential);
  pipeline.factories.push(impatient);
  return new BlobServiceClient(url, pipeline);
}

/** The retry options' `tryTimeoutInMs` only asks the service to be quick; this ends the request on our side. */
const impatient: RequestPolicyFactory = {
  create: (next) => ({
    sendRequest: (request) => {
      request.timeout = patience;
      return next.sendRequest(request);
    },
  }),
};
