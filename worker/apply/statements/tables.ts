/** sbm's log table: kept as it is, so that an existing fleet's history goes on. Name → type, in order. */
const loggingColumns: readonly (readonly [name: string, type: string])[] = [
  ["BuildFileName", "varchar(300) NOT NULL"],
  ["ScriptFileName", "varchar(300) NOT NULL"],
  ["ScriptId", "uniqueidentifier"],
  ["ScriptFileHash", "varchar(100)"],
  ["CommitDate", "datetime NOT NULL"],
  ["Sequence", "int"],
  ["UserId", "varchar(50)"],
  ["AllowScriptBlock", "bit DEFAULT (1)"],
  ["AllowBlockUpdateId", "varchar(50)"],
  ["ScriptText", "text"],
  ["Tag", "varchar(200)"],
  ["TargetDatabase", "varchar(200)"],
  ["RunWithVersion", "varchar(20)"],
  ["BuildProjectHash", "varchar(45)"],
  ["BuildRequestedBy", "varchar(256)"],
  ["ScriptRunStart", "datetime"],
  ["ScriptRunEnd", "datetime"],
  ["Description", "varchar(150)"],
];

/**
 * Widths of the log table's text columns, in characters: values are cut to them, for a row that does not fit would
 * fail the whole package.
 */
export const loggingWidths = {
  BuildFileName: 300,
  ScriptFileName: 300,
  ScriptFileHash: 100,
  UserId: 50,
  Tag: 200,
  TargetDatabase: 200,
  RunWithVersion: 20,
  BuildProjectHash: 45,
  BuildRequestedBy: 256,
  Description: 150,
} as const;

const indexes = [
  "CREATE CLUSTERED INDEX IX_SqlBuild_Logging ON dbo.SqlBuild_Logging (ScriptId);",
  "CREATE NONCLUSTERED INDEX IX_SqlBuild_Logging_BuildFileName ON dbo.SqlBuild_Logging (BuildFileName);",
  "CREATE NONCLUSTERED INDEX IX_SqlBuild_Logging_ScriptFileName ON dbo.SqlBuild_Logging (ScriptFileName);",
  "CREATE NONCLUSTERED INDEX IX_SqlBuild_Logging_CommitCheck ON dbo.SqlBuild_Logging " +
    "(ScriptId, CommitDate DESC) INCLUDE (ScriptFileHash, AllowScriptBlock);",
];

/**
 * Our journal: one row per unit of work of an attempt. Step 0 is the whole package in one transaction, n is script n in
 * a transaction of its own (or none).
 */
const createJournal = `CREATE TABLE dbo.SqlFleet_Journal (
  RunId varchar(40) NOT NULL,
  TargetId varchar(10) NOT NULL,
  Step int NOT NULL,
  State varchar(20) NOT NULL,
  WorkerId nvarchar(200) NOT NULL,
  PackageHash varchar(64) NOT NULL,
  At datetime2 NOT NULL,
  CONSTRAINT PK_SqlFleet_Journal PRIMARY KEY (RunId, TargetId, Step)
);`;

/**
 * Makes what is missing of the two tables, and changes nothing that is there. A column that is added may be empty: rows
 * of before have no value for it.
 */
export const ensureTables = [
  "IF OBJECT_ID(N'dbo.SqlBuild_Logging', N'U') IS NULL",
  "BEGIN",
  `CREATE TABLE dbo.SqlBuild_Logging (${loggingColumns.map((column) => column.join(" ")).join(", ")});`,
  ...indexes,
  "END",
  "ELSE",
  "BEGIN",
  ...loggingColumns.map(
    ([name, type]) =>
      `IF COL_LENGTH(N'dbo.SqlBuild_Logging', N'${name}') IS NULL ` +
      `ALTER TABLE dbo.SqlBuild_Logging ADD ${name} ${type.replace(" NOT NULL", " NULL")};`,
  ),
  "END;",
  "IF OBJECT_ID(N'dbo.SqlFleet_Journal', N'U') IS NULL",
  createJournal,
].join("\n");
