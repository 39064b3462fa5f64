import { glob } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type AppRegistry, registry } from "./core-api.ts";

/**
 * Imports the app's modules, in the order of their paths, as the real worker does with package.json's `main`.
 * @param app modules or glob patterns; a path is relative to the working directory.
 * @throws {Error} when nothing matches, or nothing registered a function through @azure/functions v4.
 */
export async function loadApp(app: readonly (string | URL)[]): Promise<AppRegistry> {
  for (const path of await findModules(app)) await import(pathToFileURL(path).href);
  const model = registry.model();
  if (model === undefined || registry.functions.size === 0) {
    throw new Error(`No functions were found in ${app.map(String).join(", ")}`);
  }
  const capabilities = await model.getCapabilities({});
  if ("HttpUri" in capabilities) throw new Error("app.setup({ enableHttpStream: true }) is not imitated");
  return registry;
}

async function findModules(app: readonly (string | URL)[]): Promise<string[]> {
  const found = new Set<string>();
  for (const entry of app) {
    if (entry instanceof URL) found.add(fileURLToPath(entry));
    else for await (const path of glob(entry)) found.add(resolve(path));
  }
  if (found.size === 0) throw new Error(`No module matches ${app.map(String).join(", ")}`);
  return [...found].sort();
}
