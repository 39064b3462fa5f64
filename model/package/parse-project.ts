import { z } from "zod";
import { refuse, type Refusal, type Result, succeed } from "../result.ts";
import type { HashedScript } from "./package-hash.ts";

/** What sbm's XML says of a script; the text lies in the package's entry of that file name. */
export type ProjectScript = Omit<HashedScript, "text">;

const flag = z
  .string()
  .trim()
  .regex(/^(?:true|false|1|0)$/i, "is neither true nor false")
  .transform((text) => /^(?:true|1)$/i.test(text));

const guid = z
  .string()
  .trim()
  .transform((text) => text.replace(/^\{(.*)\}$/, "$1").toLowerCase())
  .pipe(z.guid("is not a GUID"));

/** Attributes of `Script`. What is absent takes the value sbm gives it when it runs the package. */
const ScriptAttributes = z.object({
  FileName: z.string("is missing").transform(toLastPathPart).pipe(z.string().min(1, "is empty")),
  BuildOrder: z
    .string("is missing")
    .trim()
    .regex(/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i, "is not a number")
    .transform(Number),
  ScriptId: z.string("is missing").pipe(guid),
  Description: z.string().default(""),
  Tag: z.string().default(""),
  Database: z.string().trim().default(""),
  RollBackOnError: flag.default(true),
  CausesBuildFailure: flag.default(true),
  StripTransactionText: flag.default(false),
  AllowMultipleRuns: flag.default(true),
  ScriptTimeOut: z
    .string()
    .trim()
    .regex(/^\d{1,9}$/, "is not a whole number of seconds")
    .transform(Number)
    .default(20),
});
type ScriptAttributes = z.infer<typeof ScriptAttributes>;

/**
 * The scripts of an `.sbm` project in the order they run: by BuildOrder, equal ones as they stand in the XML.
 *
 * @param elements the attributes of each `Script` element, in document order
 */
export function parseProjectScripts(
  elements: readonly Readonly<Record<string, string>>[],
): Result<readonly ProjectScript[]> {
  const parsed = elements.map((element) => ScriptAttributes.safeParse(element));
  const failures = parsed.flatMap((script, index) =>
    script.success ? [] : script.error.issues.map((issue) => toRefusal(issue, elements[index] ?? {}, index)),
  );
  const scripts = parsed.flatMap((script) => (script.success ? [script.data] : []));
  failures.push(...findRepeatedIds(scripts.map(toProjectScript)));
  if (failures.length > 0) return refuse(...failures);
  return succeed(scripts.sort((a, b) => a.BuildOrder - b.BuildOrder).map(toProjectScript));
}

/** Packages carry whole Windows paths; only what stands after the last slash of either kind counts. */
export function toLastPathPart(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

function toRefusal(
  issue: z.core.$ZodIssue,
  element: Readonly<Record<string, string>>,
  index: number,
): Refusal {
  const name = element["FileName"];
  const script = name === undefined || name === "" ? `number ${index + 1}` : `'${toLastPathPart(name)}'`;
  return {
    code: "ScriptAttributeInvalid",
    message: `Script ${script}: attribute ${String(issue.path[0])} ${issue.message}.`,
    ...(name !== undefined && { entry: name }),
  };
}

/** Two scripts of one id would each be taken for the other, once one of them is committed. */
export function findRepeatedIds(
  scripts: readonly Pick<ProjectScript, "scriptId" | "fileName">[],
): readonly Refusal[] {
  const firstWithId = new Map<string, string>();
  return scripts.flatMap(({ scriptId, fileName }) => {
    const first = firstWithId.get(scriptId);
    firstWithId.set(scriptId, first ?? fileName);
    if (first === undefined) return [];
    const message = `Scripts '${first}' and '${fileName}' have the same ScriptId ${scriptId}.`;
    return [{ code: "ScriptIdDuplicate", message, entry: fileName } as const];
  });
}

function toProjectScript(attributes: ScriptAttributes): ProjectScript {
  return {
    fileName: attributes.FileName,
    scriptId: attributes.ScriptId,
    database: attributes.Database,
    description: attributes.Description,
    tag: attributes.Tag,
    rollBackOnError: attributes.RollBackOnError,
    causesBuildFailure: attributes.CausesBuildFailure,
    stripTransactionText: attributes.StripTransactionText,
    kind: attributes.AllowMultipleRuns ? "always" : "run-once",
    timeoutSeconds: attributes.ScriptTimeOut,
  };
}
