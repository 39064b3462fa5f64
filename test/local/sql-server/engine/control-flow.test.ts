import { describe, expect, it } from "vitest";
import { openEngine } from "./open-engine.ts";

/** Batch, what was printed, the error numbers. */
const CASES: readonly (readonly [string, readonly string[], readonly number[]])[] = [
  ["IF 1 = 2 PRINT 'a' ELSE IF 2 = 2 PRINT 'b'; ELSE PRINT 'c'", ["b"], []],
  [
    "DECLARE @i int = 0; WHILE 1 = 1 BEGIN SET @i += 1; IF @i = 2 CONTINUE; IF @i > 3 BREAK; PRINT @i END",
    ["1", "3"],
    [],
  ],
  ["PRINT 'a'; RETURN; PRINT 'b'", ["a"], []],
  [
    "DECLARE @s varchar(20) = 'x', @n int; SELECT @n = 2, @s = @s + CAST(@n AS varchar); PRINT @s",
    ["x2"],
    [],
  ],
  ["RAISERROR('note %s', 10, 1, 'x') WITH NOWAIT; PRINT 'after'", ["note x", "after"], []],
  ["RAISERROR('bad', 16, 1); PRINT 'after'", ["after"], [50000]],
  ["THROW 50001, 'bad', 1; PRINT 'after'", [], [50001]],
  ["SELECT 1/0; PRINT 'after'", ["after"], [8134]],
  ["SELECT CAST('x' AS int); PRINT 'after'", [], [245]],
  ["PRINT 'before'; SELECT * FROM Nope; PRINT 'after'", ["before"], [208]],
  ["PRINT 'before'; SELECT nope FROM sys.tables", [], [207]],
  ["PRINT 'before'; SELEC * FROM x", [], [102]],
  ["DROP TABLE Nope; PRINT 'after'", ["after"], [3701]],
  [
    "BEGIN TRY SELECT 1/0; PRINT 'no' END TRY BEGIN CATCH PRINT CONCAT(ERROR_NUMBER(), ' ', ERROR_LINE(), ' ', ERROR_SEVERITY()) END CATCH; PRINT 'end'",
    ["8134 1 16", "end"],
    [],
  ],
  ["BEGIN TRY THROW 50005, 'm', 4 END TRY BEGIN CATCH PRINT ERROR_STATE(); THROW END CATCH", ["4"], [50005]],
  [
    "BEGIN TRY BEGIN TRY RAISERROR('in', 16, 1) END TRY BEGIN CATCH RAISERROR('out', 16, 1) END CATCH END TRY BEGIN CATCH PRINT ERROR_MESSAGE() END CATCH",
    ["out"],
    [],
  ],
  ["BEGIN TRY SELECT * FROM Nope END TRY BEGIN CATCH PRINT 'no' END CATCH", [], [208]],
  ["BEGIN TRY EXEC('SELECT * FROM Nope') END TRY BEGIN CATCH PRINT ERROR_NUMBER() END CATCH", ["208"], []],
  ["EXEC('PRINT ''in''; SELECT * FROM Nope'); PRINT 'after'", ["in", "after"], [208]],
  ["SELECT 1 FROM sys.tables WHERE 1 = 2; PRINT @@ROWCOUNT; PRINT @@ERROR", ["0", "0"], []],
  ["RAISERROR('x', 16, 1); PRINT @@ERROR", ["50000"], [50000]],
  [
    "SET XACT_ABORT ON; BEGIN TRAN; BEGIN TRY SELECT 1/0 END TRY BEGIN CATCH PRINT XACT_STATE(); ROLLBACK END CATCH",
    ["-1"],
    [],
  ],
  [
    "BEGIN TRAN; BEGIN TRY SELECT CAST('x' AS int) END TRY BEGIN CATCH PRINT XACT_STATE() END CATCH",
    ["-1"],
    [3998],
  ],
  ["SET XACT_ABORT ON; RAISERROR('soft', 16, 1); PRINT 'after'", ["after"], [50000]],
];

describe("control flow and what errors end", () => {
  it.each(CASES)("%s", async (text, printed, numbers) => {
    await using test = await openEngine();
    const session = await test.connect();
    const { messages, errors } = await session.batch(text);
    expect(errors.map((error) => error.number)).toEqual(numbers);
    expect(messages.map((message) => message.message)).toEqual(printed);
  });

  it("stops WAITFOR and loops at the client's attention, and leaves the transaction open", async () => {
    await using test = await openEngine();
    const session = await test.connect();
    for (const text of ["BEGIN TRAN; WAITFOR DELAY '00:01:00'", "WHILE 1 = 1 SET NOCOUNT ON"]) {
      const attention = new AbortController();
      const pending = session.batch(text, attention.signal);
      setTimeout(() => {
        attention.abort();
      }, 20);
      expect((await pending).errors).toEqual([]);
    }
    expect(session.session.transactionCount).toBe(1);
  });

  it("sends counts only while NOCOUNT is off", async () => {
    await using test = await openEngine();
    const session = await test.connect();
    const { counts } = await session.batch("SELECT 1; SET NOCOUNT ON; SELECT 2");
    expect(counts).toEqual([1, undefined, undefined]);
  });
});
