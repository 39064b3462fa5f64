import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { DefaultAzureCredential, ManagedIdentityCredential } from "@azure/identity";

/**
 * Asks for tokens in a process that has a host's environment and nothing else. A process of its own, because
 * the library decides once per process which managed identity endpoint there is.
 */
export interface Question {
  readonly credential: "managed" | "default";
  readonly clientId?: string;
  readonly resourceId?: string;
}

export type Answer =
  { readonly token: string; readonly expiresOnTimestamp: number } | { readonly error: string };

const scope = "https://vault.azure.net/.default";

export async function askOnHost(
  env: Readonly<Record<string, string>>,
  questions: readonly Question[],
): Promise<Answer[]> {
  const file = fileURLToPath(import.meta.url);
  const { stdout } = await promisify(execFile)(process.execPath, [file, JSON.stringify(questions)], { env });
  return JSON.parse(stdout) as Answer[];
}

async function ask({ credential, clientId, resourceId }: Question): Promise<Answer> {
  try {
    if (credential === "default") {
      return await new DefaultAzureCredential({ managedIdentityClientId: clientId ?? "" }).getToken(scope);
    }
    const named = resourceId === undefined ? { clientId: clientId ?? "" } : { resourceId };
    return await new ManagedIdentityCredential(named).getToken(scope);
  } catch (error) {
    return { error: String(error) };
  }
}

if (import.meta.main) {
  const questions = JSON.parse(process.argv[2] ?? "[]") as Question[];
  process.stdout.write(JSON.stringify(await Promise.all(questions.map(ask))));
}
