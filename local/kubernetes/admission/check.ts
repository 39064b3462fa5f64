import { isRecord } from "../../web-server.ts";
import { badRequest, type Cause, invalid, notImitated } from "../errors.ts";
import type { Json, KubeObject } from "../objects.ts";
import { jobs, pods } from "../resources.ts";

/** The rules of a manifest that a mistake is likely to meet; a real server has many more. */

export function checkJob(object: KubeObject): void {
  const spec = recordAt(object, "spec");
  const template = recordAt(recordAt(spec, "template"), "spec");
  const counts = [
    "parallelism",
    "completions",
    "backoffLimit",
    "activeDeadlineSeconds",
    "ttlSecondsAfterFinished",
  ];
  const causes = [
    ...counts.flatMap((name) => checkCount(spec, name)),
    ...checkPodSpec(template, "spec.template.spec"),
    ...checkChoice(template, "restartPolicy", ["OnFailure", "Never"]),
  ];
  if (causes.length > 0) throw invalid(jobs, object.metadata.name, causes);
}

export function checkPod(object: KubeObject): void {
  const spec = recordAt(object, "spec");
  const causes = checkPodSpec(spec, "spec");
  if (causes.length > 0) throw invalid(pods, object.metadata.name, causes);
}

function checkCount(spec: Json, name: string): Cause[] {
  const value = spec[name];
  if (value === undefined || (typeof value === "number" && Number.isInteger(value) && value >= 0)) return [];
  return [
    wrong(`spec.${name}`, `Invalid value: ${JSON.stringify(value)}: must be greater than or equal to 0`),
  ];
}

function checkChoice(spec: Json, name: string, choices: readonly string[]): Cause[] {
  const value = spec[name];
  if (typeof value === "string" && choices.includes(value)) return [];
  const field = `spec.template.spec.${name}`;
  if (value === undefined) return [missing(field, `valid values: "OnFailure", "Never"`)];
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: "OnFailure", "Never"`;
  return [{ reason: "FieldValueNotSupported", message, field }];
}

function checkPodSpec(spec: Json, field: string): Cause[] {
  const containers = listAt(spec, "containers");
  checkLists(spec, ["containers", "initContainers", "volumes"]);
  for (const container of containers)
    checkLists(container, ["command", "args", "env", "envFrom", "volumeMounts"]);
  if (listAt(spec, "initContainers").length > 0) throw notImitated("an init container");
  if (containers.length > 1) throw notImitated("a pod of several containers");
  const [container] = containers;
  if (!container) return [missing(`${field}.containers`)];
  const volumes = listAt(spec, "volumes").map(({ name }) => name);
  return [
    ...["name", "image"].flatMap((name) =>
      typeof container[name] === "string" && container[name] !== ""
        ? []
        : [missing(`${field}.containers[0].${name}`)],
    ),
    ...listAt(container, "volumeMounts").flatMap(({ name }, index) =>
      volumes.includes(name)
        ? []
        : [
            {
              reason: "FieldValueNotFound",
              message: `Not found: ${JSON.stringify(name)}`,
              field: `${field}.containers[0].volumeMounts[${index}].name`,
            },
          ],
    ),
  ];
}

function checkLists(value: Json, names: readonly string[]): void {
  for (const name of names) {
    if (value[name] === undefined || Array.isArray(value[name])) continue;
    throw badRequest(`json: cannot unmarshal ${typeof value[name]} into field ${name} of type list`);
  }
}

const wrong = (field: string, message: string): Cause => ({ reason: "FieldValueInvalid", message, field });

const missing = (field: string, detail?: string): Cause => ({
  reason: "FieldValueRequired",
  message: detail === undefined ? "Required value" : `Required value: ${detail}`,
  field,
});

function recordAt(value: Json, name: string): Json {
  const found = value[name];
  return isRecord(found) ? found : {};
}

function listAt(value: Json, name: string): readonly Json[] {
  const found = value[name];
  return Array.isArray(found) ? (found as readonly Json[]) : [];
}
