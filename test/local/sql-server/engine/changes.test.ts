import { describe, expect, it } from "vitest";
import { openEngine } from "./open-engine.ts";

describe("INSERT, UPDATE, DELETE", () => {
  it("take rows from queries, procedures and OUTPUT", async () => {
    await using test = await openEngine();
    const session = await test.connect();
    await session.rows(`CREATE TABLE T (id int IDENTITY PRIMARY KEY, a varchar(10) NOT NULL DEFAULT 'dflt', b int NULL);
      CREATE TABLE Log (what varchar(10), id int)`);
    const inserted = await session.batch(
      "INSERT INTO T (a, b) OUTPUT inserted.*  VALUES ('x', 1), (DEFAULT, 2)",
    );
    expect(inserted.sets).toEqual([
      [
        [1, "x", 1],
        [2, "dflt", 2],
      ],
    ]);
    expect(inserted.counts).toEqual([2]);
    await session.rows("INSERT T (a, b) SELECT a + '!', b * 10 FROM T WHERE b < 2");
    await session.rows("INSERT Log EXEC('SELECT ''e'', 5')");
    await session.rows(
      "UPDATE T SET b += 1, a = 'u' OUTPUT 'upd', deleted.id INTO Log (what, id) WHERE id = 2",
    );
    expect((await session.batch("DELETE FROM T OUTPUT deleted.a WHERE b = 10")).sets).toEqual([[["x!"]]]);
    expect((await session.batch("SELECT a, b FROM T ORDER BY id; SELECT * FROM Log")).sets).toEqual([
      [
        ["x", 1],
        ["u", 3],
      ],
      [
        ["e", 5],
        ["upd", 2],
      ],
    ]);
  });

  it("join other tables", async () => {
    await using test = await openEngine();
    const session = await test.connect();
    await session.rows("CREATE TABLE T (id int, v int); CREATE TABLE S (id int, w int)");
    await session.rows("INSERT T VALUES (1, 0), (2, 0); INSERT S VALUES (1, 10), (3, 30)");
    await session.rows("UPDATE t SET v = s.w FROM T t INNER JOIN S s ON s.id = t.id");
    await session.rows("DELETE T FROM T LEFT JOIN S ON S.id = T.id WHERE S.id IS NULL");
    expect(await session.rows("SELECT * FROM T")).toEqual([[1, 10]]);
    await session.rows(
      "UPDATE TOP (1) T SET v = 11; DECLARE @v int; UPDATE T SET @v = v = v + 1; INSERT T VALUES (9, @v)",
    );
    expect(await session.rows("SELECT v FROM T ORDER BY id")).toEqual([[12], [12]]);
  });

  it("copy into new and temporary tables", async () => {
    await using test = await openEngine();
    const session = await test.connect();
    await session.rows("CREATE TABLE T (id int NOT NULL, v varchar(5)); INSERT T VALUES (1, 'a')");
    await session.rows("SELECT id, v, GETDATE() AS at INTO T2 FROM T; SELECT * INTO #tmp FROM T");
    expect(await session.rows("INSERT #tmp VALUES (2, 'b'); SELECT COUNT(*) FROM #tmp")).toEqual([[2]]);
    expect(
      await session.rows(
        "SELECT OBJECT_ID('tempdb..#tmp') - OBJECT_ID('tempdb..#tmp'), COL_LENGTH('T2', 'v')",
      ),
    ).toEqual([[0, 5]]);
    const other = await test.connect();
    expect((await other.batch("SELECT * FROM #tmp")).errors[0]?.number).toBe(208);
    expect(
      await session.rows("DECLARE @t TABLE (id int); INSERT @t VALUES (1); SELECT COUNT(*) FROM @t"),
    ).toEqual([[1]]);
    expect((await session.batch("SELECT * FROM @t")).errors[0]?.number).toBe(1087);
  });
});

describe("procedures", () => {
  it("take and give parameters", async () => {
    await using test = await openEngine();
    const session = await test.connect();
    await session.rows(`CREATE OR ALTER PROCEDURE dbo.Twice @in int, @out int = 1 OUTPUT AS
BEGIN
  SET NOCOUNT ON;
  SET @out = @in * 2;
  SELECT @in AS given;
  IF @in < 0
    RAISERROR('negative', 16, 1);
  RETURN @in;
END`);
    const text = "DECLARE @o int, @rc int; EXEC @rc = dbo.Twice @in = 4, @out = @o OUTPUT; SELECT @o, @rc";
    expect((await session.batch(text)).sets).toEqual([[[4]], [[8, 4]]]);
    const failed = await session.batch("EXEC Twice -1");
    expect(failed.errors).toMatchObject([{ number: 50000, procedure: "Twice", line: 7 }]);
    expect((await session.batch("EXEC Twice")).errors[0]?.number).toBe(201);
    expect((await session.batch("EXEC Twice 1, 2, 3")).errors[0]?.number).toBe(8144);
    expect((await session.batch("EXEC Twice @no = 2")).errors[0]?.number).toBe(8145);
    const int = { type: { name: "int" } } as const;
    const answer = await session.call("dbo.Twice", [
      { ...int, name: "@in", output: false, value: 21 },
      { ...int, name: "@out", output: true, value: null },
    ]);
    expect(answer).toMatchObject({ status: 21, outputs: { "@out": 42 } });
    await session.rows("DROP PROCEDURE Twice");
  });

  it("run sp_executesql with parameters", async () => {
    await using test = await openEngine();
    const session = await test.connect();
    const text = { output: false, type: { name: "nvarchar", length: "max" } } as const;
    const answer = await session.call("sp_executesql", [
      { ...text, name: "", value: "SET @b = @a + 1; SELECT @a AS a, @s AS s" },
      { ...text, name: "", value: "@a bigint, @s nvarchar(10), @b bigint output" },
      { name: "@a", output: false, type: { name: "bigint" }, value: 9007199254740993n },
      { name: "@s", output: false, type: { name: "nvarchar", length: 10 }, value: "ü" },
      { name: "@b", output: true, type: { name: "bigint" }, value: null },
    ]);
    expect(answer.sets).toEqual([[[9007199254740993n, "ü"]]]);
    expect(answer).toMatchObject({ status: 0, outputs: { "@b": 9007199254740994n } });
    const inBatch =
      "DECLARE @r int; EXEC sp_executesql N'SET @x = @y * 2', N'@x int OUTPUT, @y int', @x = @r OUTPUT, @y = 4; SELECT @r";
    expect(await session.rows(inBatch)).toEqual([[8]]);
  });
});

describe("faults on demand", () => {
  it("strike a statement as often as asked", async () => {
    await using test = await openEngine();
    const session = await test.connect();
    await session.rows("CREATE TABLE T (a int)");
    const fault = test.engine.faults.raise({
      when: /insert/i,
      database: "app",
      error: { number: 1205, message: "victim", class: 13 },
    });
    const struck = await session.batch("BEGIN TRAN; INSERT T VALUES (1); SELECT 1");
    expect(struck).toMatchObject({
      errors: [{ number: 1205, line: 1 }],
      changes: ["began", "rolledBack"],
      sets: [],
    });
    expect(await session.rows("INSERT T VALUES (1); SELECT a FROM T")).toEqual([[1]]);
    expect(fault.struck).toBe(1);
  });

  it("strike after a commit had its effect", async () => {
    await using test = await openEngine();
    const session = await test.connect();
    await session.rows("CREATE TABLE T (a int)");
    test.engine.faults.raise({ when: /^COMMIT/, moment: "after", error: { number: 40197, class: 20 } });
    session.session.beginTransaction("readCommitted", "");
    await session.rows("INSERT T VALUES (1)");
    await expect(session.session.commitTransaction()).rejects.toMatchObject({ number: 40197 });
    expect(await session.rows("SELECT a FROM T")).toEqual([[1]]);
  });
});
