import type { AmqpMessage, MessageProperties } from "../../amqp/message.ts";
import type { AmqpMap } from "../../amqp/values.ts";
import { matchesSql } from "./sql-evaluate.ts";
import { parseSqlFilter, type SqlCondition } from "./sql-parse.ts";

/** Which messages of its topic a subscription takes: those that pass at least one rule. */
export interface Rule {
  readonly name: string;
  readonly filter: RuleFilter;
}

export type RuleFilter =
  | {
      readonly kind: "correlation";
      /** Every one given must equal the message's. */
      readonly properties: Partial<MessageProperties>;
      readonly applicationProperties: AmqpMap;
    }
  | {
      readonly kind: "sql";
      readonly expression: string;
      readonly parameters: AmqpMap;
      readonly condition: SqlCondition;
    };

/** @throws Error for what is outside the subset of `parseSqlFilter`. */
export function createSqlFilter(expression: string, parameters: AmqpMap = {}): RuleFilter {
  return { kind: "sql", expression, parameters, condition: parseSqlFilter(expression) };
}

/** A subscription made without a rule gets this one. */
export function createDefaultRule(): Rule {
  return { name: "$Default", filter: createSqlFilter("1=1") };
}

export function matchesRule({ filter }: Rule, message: AmqpMessage): boolean {
  if (filter.kind === "sql") return matchesSql(filter.condition, message, filter.parameters);
  return (
    includes({ ...message.properties }, filter.properties) &&
    includes(message.applicationProperties, filter.applicationProperties)
  );
}

function includes(facts: AmqpMap, wanted: AmqpMap): boolean {
  return Object.entries(wanted).every(
    ([name, value]) => value === undefined || comparable(facts[name]) === comparable(value),
  );
}

function comparable(value: unknown): unknown {
  return value instanceof Date ? value.getTime() : value;
}
