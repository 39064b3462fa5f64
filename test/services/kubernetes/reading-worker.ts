import { WorkerSettings, parseSettings } from "../../../model/settings.ts";
import { toFailure } from "../../../model/failures.ts";
import type { SecretName } from "../../../model/secrets.ts";
import { createWorkerAccess } from "../../../services/create-access.ts";

/** What a worker finds where its secrets are: lengths, as a log is no place for values. Stays until it is ended. */
const { secrets } = createWorkerAccess(parseSettings(WorkerSettings, process.env));
for (const name of process.argv.slice(2) as SecretName[]) {
  const text = await secrets.read(name).then(
    (value) => `${value.length} characters`,
    (error: unknown) => toFailure(error).code,
  );
  process.stdout.write(`${name}: ${text}\n`);
}
setInterval(() => undefined, 60_000);
