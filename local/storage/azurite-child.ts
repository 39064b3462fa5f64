import { createRequire } from "node:module";
import { runAsChild } from "../child-side.ts";
import { createDeferred } from "../deferred.ts";

/**
 * Azurite in a process of its own; the arguments are Azurite's. No call says on which ports it listens or
 * when it has written everything to disk, only the lines it prints do, so those are read as they pass.
 */
const services = ["Blob", "Queue", "Table"];
const printed =
  /^Azurite (?<service>\w+) service (?:is successfully listening at (?<address>\S+)|successfully closed)$/;

await runAsChild(async () => {
  const listening = new Map<string, string>();
  const closed = new Set<string>();
  const started = createDeferred();
  const stopped = createDeferred();
  // eslint-disable-next-line no-console -- what Azurite prints is its only report; see above
  console.log = (line: unknown) => {
    const { service, address } = printed.exec(String(line))?.groups ?? {};
    if (service === undefined) return;
    if (address === undefined) closed.add(service);
    else listening.set(service, address);
    if (listening.size === services.length) started.resolve();
    if (closed.size === services.length) stopped.resolve();
  };
  createRequire(import.meta.url)("azurite/dist/src/azurite.js");
  await started.promise;
  // Azurite closes itself on the SIGTERM that also brings us here.
  return { payload: Object.fromEntries(listening), stop: () => stopped.promise };
});
