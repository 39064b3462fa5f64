import type { ControlStatement } from "../syntax/statement.ts";
import type { Cursor } from "./cursor.ts";
import { parseObjectName } from "./object-name.ts";
import { parseAssignment } from "./select-item.ts";

type SetStatement = Extract<ControlStatement, { kind: "setVariable" | "setOption" }>;

/** SET @v = …, or one of the SET options. */
export function parseSet(cursor: Cursor): SetStatement {
  cursor.expect("SET");
  if (cursor.token.kind === "variable") {
    const { variable, expression } = parseAssignment(cursor);
    return { kind: "setVariable", variable, value: expression };
  }
  if (cursor.accept("TRANSACTION", "ISOLATION", "LEVEL")) return parseIsolation(cursor);
  if (cursor.accept("IDENTITY_INSERT")) {
    const { schema, name } = parseObjectName(cursor);
    return { kind: "setOption", options: ["IDENTITY_INSERT", schema, name], value: onOrOff(cursor) };
  }
  if (cursor.accept("STATISTICS")) {
    const options = cursor.list(() => cursor.next().value);
    return { kind: "setOption", options, value: onOrOff(cursor) };
  }
  const options = cursor.list(() => optionName(cursor));
  return { kind: "setOption", options, value: optionValue(cursor) };
}

function optionName(cursor: Cursor): string {
  if (cursor.token.kind !== "word") throw cursor.unexpected();
  return cursor.next().value;
}

function optionValue(cursor: Cursor): string {
  if (cursor.atEnd || cursor.isNext(";")) throw cursor.unexpected();
  const sign = cursor.accept("-") ? "-" : "";
  return sign + cursor.next().value;
}

function onOrOff(cursor: Cursor): string {
  if (!cursor.isOneOf("ON", "OFF")) throw cursor.unexpected();
  return cursor.next().value;
}

function parseIsolation(cursor: Cursor): SetStatement {
  const level = ["READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SNAPSHOT", "SERIALIZABLE"].find(
    (words) => cursor.accept(...words.split(" ")),
  );
  if (level === undefined) throw cursor.unexpected();
  return { kind: "setOption", options: ["ISOLATION"], value: level };
}
