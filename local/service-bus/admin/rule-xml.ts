import type { XmlElement } from "./xml.ts";
import type { MessageProperties } from "../../amqp/message.ts";
import type { AmqpMap } from "../../amqp/values.ts";
import { createSqlFilter, type Rule, type RuleFilter } from "../filters/rule.ts";
import { toElement, toFields } from "./atom.ts";

/** Correlation filters in XML. `Label` is the old name of the subject. */
const propertyElements = {
  CorrelationId: "correlationId",
  MessageId: "messageId",
  To: "to",
  ReplyTo: "replyTo",
  Label: "subject",
  SessionId: "sessionId",
  ReplyToSessionId: "replyToSessionId",
  ContentType: "contentType",
} as const satisfies Record<string, keyof MessageProperties>;

const schemaNamespace = "http://www.w3.org/2001/XMLSchema";

/** @throws Error for a filter that is not imitated here; the message says what. */
export function parseRule(name: string, element: XmlElement): Rule {
  const action = toElement(element["Action"]);
  if ("SqlExpression" in action) throw new Error("Rule actions are not imitated here.");
  return { name, filter: parseFilter(toElement(element["Filter"])) };
}

function parseFilter(element: XmlElement): RuleFilter {
  const fields = toFields(element);
  switch (element["@type"]) {
    case "CorrelationFilter":
      return {
        kind: "correlation",
        properties: parseProperties(fields),
        applicationProperties: parseKeyValues(element["Properties"]),
      };
    case "FalseFilter":
      return createSqlFilter("1=0");
    case "SqlFilter":
      return createSqlFilter(fields["SqlExpression"] ?? "1=1", parseKeyValues(element["Parameters"]));
    default:
      return createSqlFilter("1=1");
  }
}

function parseProperties(fields: Readonly<Record<string, string>>): Partial<MessageProperties> {
  const known = Object.entries(propertyElements).filter(([element]) => element in fields);
  return Object.fromEntries(known.map(([element, property]) => [property, fields[element]]));
}

function parseKeyValues(value: unknown): AmqpMap {
  const pairs = toElement(value)["KeyValueOfstringanyType"] ?? [];
  const list = (Array.isArray(pairs) ? pairs : [pairs]).map(toElement);
  return Object.fromEntries(list.map((pair) => [String(pair["Key"]), parseValue(pair["Value"])]));
}

/** `<Value p4:type="l28:double">1</Value>` */
function parseValue(value: unknown): unknown {
  const element = toElement(value);
  const inner = typeof value === "string" ? value : element["#text"];
  const text = typeof inner === "string" ? inner : "";
  switch (String(element["@type"]).replace(/^.*:/, "")) {
    case "double":
    case "int":
    case "long":
      return Number(text);
    case "boolean":
      return text === "true";
    case "dateTime":
      return new Date(text);
    default:
      return text;
  }
}

export function toRuleXml({ name, filter }: Rule): XmlElement {
  return {
    Filter: filter.kind === "sql" ? toSqlXml(filter) : toCorrelationXml(filter),
    Action: { "@i:type": "EmptyRuleAction" },
    Name: name,
  };
}

function toSqlXml({ expression, parameters }: Extract<RuleFilter, { kind: "sql" }>): XmlElement {
  return {
    "@i:type": "SqlFilter",
    SqlExpression: expression,
    CompatibilityLevel: "20",
    ...toKeyValues("Parameters", parameters),
  };
}

function toCorrelationXml(filter: Extract<RuleFilter, { kind: "correlation" }>): XmlElement {
  const { properties, applicationProperties } = filter;
  const given = Object.entries(propertyElements).filter(([, property]) => properties[property] !== undefined);
  return {
    "@i:type": "CorrelationFilter",
    ...Object.fromEntries(given.map(([element, property]) => [element, properties[property]])),
    ...toKeyValues("Properties", applicationProperties),
  };
}

function toKeyValues(element: string, map: AmqpMap): XmlElement {
  const pairs = Object.entries(map).map(([key, value]) => ({ Key: key, Value: toValueXml(value) }));
  return pairs.length > 0 ? { [element]: { KeyValueOfstringanyType: pairs } } : {};
}

/** The SDK cuts five characters off the type to find its name, so the prefix must be four letters long. */
function toValueXml(value: unknown): XmlElement {
  const [type, text] = toTypedText(value);
  return { "@xmlns:d6p1": schemaNamespace, "@i:type": `d6p1:${type}`, "#text": text };
}

function toTypedText(value: unknown): [string, string] {
  if (value instanceof Date) return ["dateTime", value.toISOString()];
  if (typeof value === "number") return ["double", String(value)];
  if (typeof value === "boolean") return ["boolean", String(value)];
  return ["string", String(value)];
}
