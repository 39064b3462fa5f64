import type { Settings } from "./options.ts";

/**
 * Puts the app settings into `process.env`, where the app looks for them.
 * @returns the function that puts back what was there.
 */
export function applySettings(settings: Settings): () => void {
  const before = Object.keys(settings).map((name) => [name, process.env[name]] as const);
  for (const [name, value] of Object.entries(settings)) setVariable(name, value);
  return () => {
    for (const [name, value] of before) setVariable(name, value);
  };
}

function setVariable(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
}
