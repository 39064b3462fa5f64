import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../model/failures.ts";
import type { SecretName } from "../../model/secrets.ts";
import { guard } from "../guard.ts";
import type { Secrets } from "../services.ts";

/**
 * Secrets the Secrets Store CSI driver has mounted, one file each, named as in the Key Vault. Nobody asks the vault:
 * a value is the one of the moment the pod started, or of the driver's last rotation.
 */
export function createMountedSecrets(folder: string): Pick<Secrets, "read"> {
  return guard("Mounted secrets", {
    read: async (name: SecretName) => {
      const value = await readFile(join(folder, name), "utf8").catch((error: unknown) => {
        throw toFailure(name, folder, error);
      });
      if (value === "") throw new Failure("SecretMissing", `The secret ${name} has no value.`);
      return value;
    },
  });
}

function toFailure(name: SecretName, folder: string, cause: unknown): unknown {
  const { code } = (cause ?? {}) as { readonly code?: unknown };
  if (code === "ENOENT") {
    const text = `${name} is not among the secrets mounted at ${folder}.`;
    return new Failure("SecretMissing", text, { cause });
  }
  if (code !== "EACCES") return cause;
  return new Failure("SecretForbidden", `${name}, mounted at ${folder}, may not be read.`, { cause });
}
