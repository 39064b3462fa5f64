import { define, type InnerDefinition } from "../../define/define.ts";
import { requireDefinition } from "../../rights/require-definition.ts";
import type { Frame } from "../session-state.ts";
import { write } from "../transactions.ts";

/** CREATE, ALTER and DROP inside a database: in the transaction, like every other statement. */
export async function runDefinition(frame: Frame, statement: InnerDefinition): Promise<void> {
  requireDefinition(frame.session, statement);
  await write(frame.session, frame.signal, (connection) => {
    define(frame, connection, statement);
  });
  if (frame.session.transaction !== undefined) frame.session.transaction.forgetIdentities = true;
  frame.sink.done(undefined);
}
