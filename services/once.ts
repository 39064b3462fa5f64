/** Made when first needed, and then kept. */
export function once<Client>(create: () => Client): () => Promise<Client> {
  let client: Client | undefined;
  return () => Promise.resolve((client ??= create()));
}
