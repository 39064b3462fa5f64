import type { WebRequest, WebResponse } from "../../web-server.ts";
import type { Account } from "../account.ts";

/** One call of the data plane: what it is given and how it answers. @throws BatchError to refuse. */
export type Call = (input: CallInput) => WebResponse | Promise<WebResponse>;

export interface CallInput {
  readonly account: Account;
  readonly request: WebRequest;
  /** The ids in the path, decoded; empty where the path has none. */
  readonly ids: {
    readonly job: string;
    readonly task: string;
    readonly pool: string;
    readonly node: string;
    readonly file: string;
  };
}
