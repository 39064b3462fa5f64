import type { SqlType } from "../../session.ts";
import type { SecurityStatement } from "./security.ts";
import type { Expression, ObjectName, Query, SelectItem, TableSource } from "./expression.ts";

/** Every statement knows its line in the batch and its text. */
export interface Located {
  readonly line: number;
  readonly text: string;
}

export type Statement = Located &
  (ControlStatement | DataStatement | TransactionStatement | DefinitionStatement | SecurityStatement);

export type ControlStatement =
  | { readonly kind: "declare"; readonly variables: readonly VariableDeclaration[] }
  | { readonly kind: "setVariable"; readonly variable: string; readonly value: Expression }
  | { readonly kind: "setOption"; readonly options: readonly string[]; readonly value: string }
  | {
      readonly kind: "if";
      readonly condition: Expression;
      readonly then: Statement;
      readonly otherwise?: Statement;
    }
  | { readonly kind: "while"; readonly condition: Expression; readonly body: Statement }
  | { readonly kind: "block"; readonly body: readonly Statement[] }
  | { readonly kind: "break" | "continue" | "empty" }
  | { readonly kind: "return"; readonly value?: Expression }
  | { readonly kind: "tryCatch"; readonly body: readonly Statement[]; readonly handler: readonly Statement[] }
  | { readonly kind: "print"; readonly value: Expression }
  | {
      readonly kind: "raiserror";
      readonly message: Expression;
      readonly severity: Expression;
      readonly state: Expression;
      readonly arguments: readonly Expression[];
      readonly setError: boolean;
    }
  | {
      readonly kind: "throw";
      readonly error?: {
        readonly number: Expression;
        readonly message: Expression;
        readonly state: Expression;
      };
    }
  | { readonly kind: "waitfor"; readonly until: "delay" | "time"; readonly value: Expression }
  | { readonly kind: "use"; readonly database: string }
  | ExecuteStatement
  | { readonly kind: "executeText"; readonly value: Expression };

export interface VariableDeclaration {
  readonly name: string;
  readonly type: SqlType;
  readonly value?: Expression;
  /** DECLARE @t TABLE (…) */
  readonly table?: Extract<DefinitionStatement, { kind: "createTable" }>;
}

export interface ExecuteStatement {
  readonly kind: "execute";
  readonly name: ObjectName;
  /** EXEC @rc = … */
  readonly result?: string;
  readonly arguments: readonly ExecuteArgument[];
}

export interface ExecuteArgument {
  /** With its @; "" when positional. */
  readonly name: string;
  readonly value: Expression;
  readonly output: boolean;
}

export interface OutputClause {
  readonly items: readonly SelectItem[];
  readonly into?: ObjectName;
  readonly intoColumns: readonly string[];
}

export interface Assignment {
  /** A column, or a variable with its @ (SET @v = …, or @v = column = …). */
  readonly column?: string;
  readonly variable?: string;
  readonly value: Expression;
  readonly line: number;
}

export interface InsertStatement {
  readonly kind: "insert";
  readonly target: ObjectName;
  readonly columns: readonly string[];
  readonly source:
    | { readonly kind: "values"; readonly rows: readonly (readonly Expression[])[] }
    | Query
    | { readonly kind: "defaults" }
    | ExecuteStatement
    | { readonly kind: "executeText"; readonly value: Expression };
  readonly output?: OutputClause;
}

export interface UpdateStatement {
  readonly kind: "update";
  readonly target: ObjectName;
  readonly top?: Expression;
  readonly assignments: readonly Assignment[];
  readonly output?: OutputClause;
  readonly from?: TableSource;
  readonly where?: Expression;
}

export interface DeleteStatement {
  readonly kind: "delete";
  readonly target: ObjectName;
  readonly top?: Expression;
  readonly output?: OutputClause;
  readonly from?: TableSource;
  readonly where?: Expression;
}

type DataStatement =
  | { readonly kind: "select"; readonly query: Query }
  | (InsertStatement & { readonly with?: Query["with"] })
  | (UpdateStatement & { readonly with?: Query["with"] })
  | (DeleteStatement & { readonly with?: Query["with"] })
  | { readonly kind: "truncate"; readonly target: ObjectName };

export type TransactionStatement =
  | { readonly kind: "beginTransaction" | "commit" | "saveTransaction"; readonly name: string }
  | { readonly kind: "rollback"; readonly name: string };

export interface ColumnSyntax {
  readonly name: string;
  readonly type: SqlType;
  /** As written, lower case: text, sysname, numeric … */
  readonly typeName: string;
  readonly nullable?: boolean;
  readonly identity?: { readonly seed: number; readonly increment: number };
  readonly default?: { readonly name: string; readonly text: string };
  readonly line: number;
}

export interface KeyColumn {
  readonly name: string;
  readonly descending: boolean;
}

export type ReferentialAction = "NO ACTION" | "CASCADE" | "SET NULL" | "SET DEFAULT";

/** A constraint's name is "" when SQL Server would make one up. */
export type ConstraintSyntax =
  | {
      readonly kind: "primaryKey" | "unique";
      readonly name: string;
      readonly columns: readonly KeyColumn[];
      readonly clustered?: boolean;
    }
  | { readonly kind: "check"; readonly name: string; readonly text: string }
  | {
      readonly kind: "foreignKey";
      readonly name: string;
      readonly columns: readonly string[];
      readonly references: ObjectName;
      readonly referencedColumns: readonly string[];
      readonly onDelete: ReferentialAction;
      readonly onUpdate: ReferentialAction;
    }
  | { readonly kind: "default"; readonly name: string; readonly column: string; readonly text: string };

export interface IndexSyntax {
  readonly name: string;
  readonly unique: boolean;
  readonly clustered: boolean;
  readonly columns: readonly KeyColumn[];
  readonly include: readonly string[];
  readonly filter: string;
}

export interface ParameterSyntax {
  readonly name: string;
  readonly type: SqlType;
  readonly default?: Expression;
  readonly output: boolean;
}

export interface ModuleSyntax {
  readonly mode: "create" | "alter" | "createOrAlter";
  readonly name: ObjectName;
  /** The whole statement, as sys.sql_modules has it. */
  readonly definition: string;
}

export type DropKind =
  "TABLE" | "VIEW" | "PROCEDURE" | "FUNCTION" | "TRIGGER" | "SCHEMA" | "SEQUENCE" | "TYPE";

export type DefinitionStatement =
  | {
      readonly kind: "createTable";
      readonly name: ObjectName;
      readonly columns: readonly ColumnSyntax[];
      readonly constraints: readonly ConstraintSyntax[];
      readonly indexes: readonly IndexSyntax[];
    }
  | { readonly kind: "alterTable"; readonly name: ObjectName; readonly action: AlterTableAction }
  | {
      readonly kind: "drop";
      readonly what: DropKind;
      readonly names: readonly ObjectName[];
      readonly ifExists: boolean;
    }
  | {
      readonly kind: "createIndex";
      readonly table: ObjectName;
      readonly index: IndexSyntax;
      readonly dropExisting: boolean;
    }
  | {
      readonly kind: "dropIndex";
      readonly name: string;
      readonly table: ObjectName;
      readonly ifExists: boolean;
    }
  | {
      readonly kind: "view";
      readonly module: ModuleSyntax;
      readonly columns: readonly string[];
      readonly query: Query;
    }
  | {
      readonly kind: "procedure";
      readonly module: ModuleSyntax;
      readonly parameters: readonly ParameterSyntax[];
      readonly body: readonly Statement[];
    }
  | { readonly kind: "createSchema"; readonly name: string }
  | { readonly kind: "createDatabase"; readonly name: string }
  | {
      readonly kind: "alterDatabase";
      /** "" is the current one. */
      readonly name: string;
      readonly setting: DatabaseSetting;
    }
  | { readonly kind: "dropDatabase"; readonly names: readonly string[]; readonly ifExists: boolean };

/** What ALTER DATABASE changes; "other" is accepted and ignored. */
export type DatabaseSetting =
  { readonly kind: "readOnly"; readonly value: boolean; readonly wait: boolean } | { readonly kind: "other" };

export type AlterTableAction =
  | {
      readonly kind: "add";
      readonly columns: readonly ColumnSyntax[];
      readonly constraints: readonly ConstraintSyntax[];
      /** WITH NOCHECK: rows already there are not checked. */
      readonly check: boolean;
      /** DEFAULT … WITH VALUES: also nullable columns get the default. */
      readonly withValues: boolean;
    }
  | { readonly kind: "alterColumn"; readonly column: ColumnSyntax }
  | {
      readonly kind: "drop";
      readonly columns: readonly string[];
      readonly constraints: readonly string[];
      readonly ifExists: boolean;
    }
  | { readonly kind: "toggle"; readonly constraints: readonly string[] };
