import type { Settings } from "../options.ts";
import type { RegisteredFunction } from "../invoker.ts";
import type { AppRegistry } from "./core-api.ts";
import type { Binding, FunctionMetadata } from "./core-types.ts";

const triggers = [
  "httpTrigger",
  "timerTrigger",
  "eventHubTrigger",
  "orchestrationTrigger",
  "activityTrigger",
  "entityTrigger",
];
/** Beside the trigger. `http` is what an HTTP function returns. */
const others = ["durableClient", "orchestrationClient", "http"];

/**
 * The app's functions with the settings put into their trigger's properties.
 * @throws {Error} naming every binding this host does not imitate, and every setting that is missing.
 */
export function describeFunctions(app: AppRegistry, settings: Settings): RegisteredFunction[] {
  return [...app.functions.values()].map(({ metadata }) => {
    const [, trigger] = triggerOf(metadata);
    for (const binding of Object.values(metadata.bindings)) {
      if (binding !== trigger && !others.includes(binding.type)) throw notImitated(metadata, binding);
    }
    if (!triggers.includes(trigger.type)) throw notImitated(metadata, trigger);
    return { name: metadata.name, triggerType: trigger.type, trigger: resolveSettings(trigger, settings) };
  });
}

function triggerOf(metadata: FunctionMetadata): [name: string, trigger: Binding] {
  const found = Object.entries(metadata.bindings).find(([, { type }]) => isTrigger(type));
  if (found === undefined) throw new Error(`Function "${metadata.name}" has no trigger`);
  return found;
}

export function isTrigger(type: string): boolean {
  return type.toLowerCase().endsWith("trigger");
}

/** Puts the value of a setting where its name stands between percent signs: `"%EVENT_HUB%"`. */
function resolveSettings(trigger: Binding, settings: Settings): Binding {
  const entries = Object.entries(trigger).map(([key, value]) => [
    key,
    typeof value === "string" ? fillIn(value, settings) : value,
  ]);
  return Object.fromEntries(entries) as Binding;
}

export function fillIn(text: string, settings: Settings): string {
  return text.replace(/%([^%\s]+)%/g, (whole, name: string) => {
    const value = settings[name];
    if (value === undefined) throw new Error(`'${whole}' does not resolve to a value: no such setting`);
    return value;
  });
}

function notImitated({ name }: FunctionMetadata, { type }: Binding): Error {
  return new Error(`Function "${name}" uses the binding "${type}", which the local host does not imitate`);
}
