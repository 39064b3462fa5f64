import type { SqlType } from "../../../session.ts";
import { INT, SYSNAME } from "../../types/sql-type.ts";
import type { SystemColumn } from "../system-view.ts";

const TYPES: Readonly<Record<string, SqlType>> = {
  b: { name: "bit" },
  d: { name: "datetime" },
  i: INT,
  s: { name: "smallint" },
  t: SYSNAME,
  x: { name: "nvarchar", length: "max" },
  c: { name: "char", length: 2 },
};

/** `name:t object_id:i`: t text, i int, s smallint, b bit, d datetime, x long text, c char(2). */
export function columns(text: string): readonly SystemColumn[] {
  return text
    .trim()
    .split(/\s+/)
    .map((column) => {
      const [name = "", letter = ""] = column.split(":");
      return { name, type: TYPES[letter] ?? SYSNAME };
    });
}

/** ISO text as dates are stored. */
export function storedDate(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)}0000`;
}
