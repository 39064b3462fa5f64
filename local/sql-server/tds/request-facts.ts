import type { FaultFacts } from "./faults.ts";
import type { ClientRequest, ProcedureCall } from "./requests.ts";

/** What faults may look at in a request. */
export function toRequestFacts(request: ClientRequest): Pick<FaultFacts, "request" | "text"> {
  if (request.kind === "batch") return { request: "batch", text: request.text };
  if (request.kind === "calls") return { request: "procedure", text: request.calls.map(toText).join("\n") };
  if (request.kind === "transaction") return { request: request.request.kind, text: request.request.name };
  if (request.kind === "insertBulk" || request.kind === "bulkLoad") return { request: "bulkLoad", text: "" };
  return { request: "", text: "" };
}

/** The statement is the longest text among the arguments of sp_executesql, sp_prepare and their like. */
function toText({ name, parameters }: ProcedureCall): string {
  const statementAt = { sp_executesql: 0, sp_prepare: 2, sp_prepexec: 2 }[name.toLowerCase()];
  const statement = statementAt === undefined ? undefined : parameters[statementAt]?.value;
  return typeof statement === "string" ? statement : name;
}
