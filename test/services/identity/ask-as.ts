import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import { toFailure } from "../../../model/failures.ts";
import { identitySettings } from "../../../model/identity.ts";
import { parseSettings } from "../../../model/settings.ts";
import { createCredential } from "../../../services/identity/create-credential.ts";

/** What a process with this environment, and nothing else, gets for its identity. */
export type Answer = { readonly token: string } | { readonly code: string; readonly message: string };

/** A process of its own, because the SDK decides once per process which endpoint there is, and keeps tokens. */
export async function askAs(env: Readonly<Record<string, string>>): Promise<Answer> {
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.url)], { env });
  return JSON.parse(stdout) as Answer;
}

async function ask(): Promise<Answer> {
  try {
    const credential = createCredential(parseSettings(z.object(identitySettings), process.env));
    return { token: (await credential.getToken("https://vault.azure.net/.default"))?.token ?? "" };
  } catch (error) {
    const { code, message } = toFailure(error);
    return { code, message };
  }
}

if (import.meta.main) process.stdout.write(JSON.stringify(await ask()));
