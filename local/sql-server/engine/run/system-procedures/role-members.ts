import { changeMember } from "../statements/principals.ts";
import type { CallResult } from "../procedure-call.ts";
import type { Argument } from "../procedure-call.ts";
import type { Frame } from "../session-state.ts";
import { named, textOf } from "./call.ts";

/** sp_addrolemember, which ALTER ROLE took the place of: old packages have it. @throws SqlError 15151 */
export function addRoleMember(frame: Frame, values: readonly Argument[]): Promise<CallResult> {
  return change(frame, "ADD", values);
}

/** sp_droprolemember. @throws SqlError 15151 */
export function dropRoleMember(frame: Frame, values: readonly Argument[]): Promise<CallResult> {
  return change(frame, "DROP", values);
}

async function change(frame: Frame, verb: "ADD" | "DROP", values: readonly Argument[]): Promise<CallResult> {
  const given = named(`sp_${verb.toLowerCase()}rolemember`, ["@rolename", "@membername"], 2, values);
  const text = (name: string): string => textOf(given.get(name)?.value, "");
  await changeMember(frame, { role: text("@rolename"), member: text("@membername"), change: verb });
  return { status: 0, flow: "next" };
}
