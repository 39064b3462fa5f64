import sql, { type ISqlType } from "mssql";
import { expect, it } from "vitest";
import type { UsedServer } from "./server-under-test.ts";

interface Case {
  readonly declared: string;
  readonly type: (() => ISqlType) | ISqlType;
  readonly value: unknown;
  /** What the driver gives back; default: the value itself. */
  readonly back?: unknown;
}

const moment = new Date("2026-05-06T07:08:09.123Z");
const long = "ä✓x".repeat(5_000);

const cases: readonly Case[] = [
  { declared: "tinyint", type: sql.TinyInt, value: 255 },
  { declared: "smallint", type: sql.SmallInt, value: -32_768 },
  { declared: "int", type: sql.Int, value: -2_147_483_648 },
  { declared: "bigint", type: sql.BigInt, value: "9223372036854775807" },
  { declared: "bit", type: sql.Bit, value: true },
  { declared: "real", type: sql.Real, value: 1.5 },
  { declared: "float", type: sql.Float, value: 0.1 },
  { declared: "decimal(18,4)", type: sql.Decimal(18, 4), value: 12_345.6789 },
  // The driver cuts what binary fractions cannot hold: -12.3456 would arrive as -12.3455.
  { declared: "money", type: sql.Money, value: -12.3125 },
  { declared: "char(5)", type: sql.Char(5), value: "ab", back: "ab   " },
  { declared: "varchar(50)", type: sql.VarChar(50), value: "Jöb €" },
  { declared: "nchar(3)", type: sql.NChar(3), value: "✓", back: "✓  " },
  { declared: "nvarchar(50)", type: sql.NVarChar(50), value: "Jöb ✓" },
  { declared: "nvarchar(max)", type: sql.NVarChar(sql.MAX), value: long },
  { declared: "varbinary(20)", type: sql.VarBinary(20), value: Buffer.from([0, 1, 254, 255]) },
  { declared: "varbinary(max)", type: sql.VarBinary(sql.MAX), value: Buffer.alloc(20_000, 7) },
  { declared: "date", type: sql.Date, value: moment, back: new Date("2026-05-06T00:00:00Z") },
  { declared: "datetime", type: sql.DateTime, value: moment },
  {
    declared: "smalldatetime",
    type: sql.SmallDateTime,
    value: moment,
    back: new Date("2026-05-06T07:08:00Z"),
  },
  { declared: "datetime2(3)", type: sql.DateTime2(3), value: moment },
  { declared: "datetimeoffset(3)", type: sql.DateTimeOffset(3), value: moment },
  { declared: "time(3)", type: sql.Time(3), value: moment, back: new Date("1970-01-01T07:08:09.123Z") },
  { declared: "uniqueidentifier", type: sql.UniqueIdentifier, value: "6F9619FF-8B86-D011-B42D-00C04FC964FF" },
];

export function types(server: UsedServer): void {
  it.each(cases)(
    "$declared goes in and comes out, and so does NULL",
    async ({ declared, type, value, back }) => {
      const table = server.newTable();
      await server.pool.request().batch(`CREATE TABLE ${table} (Id int NOT NULL, Value ${declared} NULL)`);
      await server.pool
        .request()
        .input("value", type, value)
        .input("nothing", type, null)
        .query(`INSERT INTO ${table} (Id, Value) VALUES (1, @value), (2, @nothing)`);
      const { recordset } = await server.pool.request().query(`SELECT Id, Value FROM ${table} ORDER BY Id`);
      expect(recordset).toEqual([
        { Id: 1, Value: back ?? value },
        { Id: 2, Value: null },
      ]);
    },
  );

  it("keeps what a parameter is, without a table", async () => {
    const { recordset } = await server.pool
      .request()
      .input("moment", sql.DateTime2(7), moment)
      .input("exact", sql.Decimal(10, 2), 1.25)
      .query("SELECT @moment AS moment, @exact AS exact");
    expect(recordset).toEqual([{ moment, exact: 1.25 }]);
  });
}
