import type { SqlType } from "../../session.ts";

/** What SQLite stores: bit as 0/1, decimal and money as sortable text (types/exact.ts), dates as sortable text (types/datetime.ts). */
export type Storage = null | number | bigint | string | Uint8Array;

export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%" | "&" | "|" | "^";
export type ComparisonOperator = "=" | "<>" | "<" | ">" | "<=" | ">=";

/** A scalar expression or a predicate; the parser keeps the two apart where T-SQL does. */
export type Expression =
  | { readonly kind: "literal"; readonly value: Storage; readonly type: SqlType }
  | { readonly kind: "variable"; readonly name: string; readonly line: number }
  | { readonly kind: "column"; readonly parts: readonly string[]; readonly line: number }
  | { readonly kind: "unary"; readonly operator: "-" | "~"; readonly operand: Expression }
  | {
      readonly kind: "binary";
      readonly operator: ArithmeticOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | CallExpression
  | CastExpression
  | CaseExpression
  | { readonly kind: "subquery"; readonly query: Query }
  | { readonly kind: "collate"; readonly operand: Expression; readonly collation: string }
  | { readonly kind: "default" }
  | Predicate;

export interface CallExpression {
  readonly kind: "call";
  /** Upper case. */
  readonly name: string;
  readonly arguments: readonly Expression[];
  /** COUNT(*) */
  readonly star: boolean;
  readonly distinct: boolean;
  readonly over?: Window;
  readonly withinGroup?: readonly OrderItem[];
  readonly line: number;
}

interface CastExpression {
  readonly kind: "cast";
  readonly operand: Expression;
  readonly type: SqlType;
  readonly style?: Expression;
  /** TRY_CAST, TRY_CONVERT: null instead of an error. */
  readonly attempt: boolean;
}

export interface CaseExpression {
  readonly kind: "case";
  readonly input?: Expression;
  readonly branches: readonly { readonly when: Expression; readonly then: Expression }[];
  readonly otherwise?: Expression;
}

export interface Window {
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderItem[];
  /** ROWS/RANGE …, as written. */
  readonly frame: string;
}

export interface OrderItem {
  readonly expression: Expression;
  readonly descending: boolean;
}

export type Predicate =
  | {
      readonly kind: "comparison";
      readonly operator: ComparisonOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "not"; readonly operand: Expression }
  | { readonly kind: "isNull"; readonly operand: Expression; readonly negated: boolean }
  | {
      readonly kind: "like";
      readonly operand: Expression;
      readonly pattern: Expression;
      readonly escape?: Expression;
      readonly negated: boolean;
    }
  | {
      readonly kind: "between";
      readonly operand: Expression;
      readonly low: Expression;
      readonly high: Expression;
      readonly negated: boolean;
    }
  | {
      readonly kind: "in";
      readonly operand: Expression;
      readonly list: readonly Expression[] | Query;
      readonly negated: boolean;
    }
  | { readonly kind: "exists"; readonly query: Query };

const PREDICATES = new Set(["comparison", "and", "or", "not", "isNull", "like", "between", "in", "exists"]);

export function isPredicate(expression: Expression): expression is Predicate {
  return PREDICATES.has(expression.kind);
}

/** `name`, `schema.name`, `database.schema.name`, `database..name`: the missing ones are "". */
export interface ObjectName {
  readonly database: string;
  readonly schema: string;
  readonly name: string;
  readonly line: number;
}

export interface Query {
  readonly kind: "query";
  readonly with: readonly CommonTable[];
  readonly body: QueryBody;
  readonly orderBy: readonly OrderItem[];
  readonly offset?: Expression;
  readonly fetch?: Expression;
  readonly line: number;
}

export interface CommonTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly query: Query;
}

export type QueryBody = Select | SetOperation;

export interface SetOperation {
  readonly kind: "set";
  readonly operator: "UNION" | "UNION ALL" | "EXCEPT" | "INTERSECT";
  readonly left: QueryBody;
  readonly right: QueryBody;
}

export interface Select {
  readonly kind: "select";
  readonly distinct: boolean;
  readonly top?: Expression;
  readonly items: readonly SelectItem[];
  readonly into?: ObjectName;
  readonly from?: TableSource;
  readonly where?: Expression;
  readonly groupBy: readonly Expression[];
  readonly having?: Expression;
  readonly line: number;
}

export type SelectItem =
  | { readonly kind: "expression"; readonly expression: Expression; readonly alias?: string }
  | { readonly kind: "star"; readonly qualifier: string }
  | { readonly kind: "assign"; readonly variable: string; readonly expression: Expression };

export type JoinType = "INNER" | "LEFT" | "RIGHT" | "FULL" | "CROSS";

export type TableSource =
  | {
      readonly kind: "table";
      readonly name: ObjectName;
      readonly alias: string;
      /** Upper case. */
      readonly hints: readonly string[];
    }
  | {
      readonly kind: "derived";
      readonly query: Query;
      readonly alias: string;
      readonly columns: readonly string[];
    }
  | {
      readonly kind: "values";
      readonly rows: readonly (readonly Expression[])[];
      readonly alias: string;
      readonly columns: readonly string[];
    }
  | {
      readonly kind: "join";
      readonly type: JoinType;
      readonly left: TableSource;
      readonly right: TableSource;
      readonly on?: Expression;
    };
