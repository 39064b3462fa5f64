import type { Storage } from "../syntax/expression.ts";
import type { SqlType } from "../../session.ts";
import type { CatalogView } from "./lookup.ts";

export interface SystemColumn {
  readonly name: string;
  readonly type: SqlType;
}

/** What system views are computed from. */
export interface SystemFacts {
  readonly view: CatalogView;
  readonly databases: () => readonly {
    readonly name: string;
    readonly id: number;
    readonly created: string;
    readonly readOnly: boolean;
  }[];
  readonly logins: () => readonly { readonly name: string; readonly enabled: boolean }[];
  readonly sessions: () => readonly SessionFacts[];
  readonly sessionId: number;
}

interface SessionFacts {
  readonly id: number;
  readonly user: string;
  readonly host: string;
  readonly application: string;
  readonly database: string;
  readonly loginTime: string;
}

/** A view of sys or INFORMATION_SCHEMA: rows made from the catalogue when asked. */
export interface SystemView {
  readonly columns: readonly SystemColumn[];
  readonly rows: (facts: SystemFacts) => readonly (readonly Storage[])[];
}
