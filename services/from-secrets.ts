import type { SecretName } from "../model/secrets.ts";
import type { Secrets } from "./services.ts";

/**
 * A client that is made from secrets when first needed, and made anew when one of them was rotated. The secrets
 * themselves are read through {@link Secrets}, which keeps them for a minute.
 */
export function fromSecrets<Client, Name extends SecretName>(
  secrets: Pick<Secrets, "read">,
  names: readonly Name[],
  create: (values: Readonly<Record<Name, string>>) => Client,
): () => Promise<Client> {
  let current: { readonly key: string; readonly client: Client } | undefined;
  return async () => {
    const values = await Promise.all(names.map((name) => secrets.read(name)));
    const key = JSON.stringify(values);
    if (current?.key !== key) {
      const byName = Object.fromEntries(names.map((name, index) => [name, values[index]]));
      current = { key, client: create(byName as Record<Name, string>) };
    }
    return current.client;
  };
}
