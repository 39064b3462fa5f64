import { readFile } from "node:fs/promises";
import pLimit from "p-limit";
import mssql from "mssql";
import type { StackFile } from "../stack-file.ts";

/** Databases asked at once. */
const atOnce = 16;

export interface Database {
  readonly server: string;
  readonly name: string;
}

type Row = Readonly<Record<string, unknown>>;

/** The demo's own way to the databases, to prepare and to prove: past sqlfleet, with another driver. */
export interface Fleet {
  readonly databases: readonly Database[];
  /** One row per execution of the release, in one database. */
  readReleases(): Promise<readonly Proof[]>;
  /** The first row of a query, in each database. */
  ask(text: string): Promise<readonly { readonly database: Database; readonly row: Row | undefined }[]>;
  /** Gives databases a customer the release's constraint refuses. */
  spoil(databases: readonly Database[]): Promise<void>;
}

export interface Proof extends Database {
  /** Rows the release's last script inserted; 0 where its table is not there. */
  readonly releases: number;
  /** Whether anything else of the release is there. */
  readonly touched: boolean;
}

const proofSql = `
  DECLARE @releases int = 0;
  IF OBJECT_ID('dbo.Release', 'U') IS NOT NULL
    EXEC sp_executesql N'SELECT @releases = COUNT(*) FROM dbo.Release', N'@releases int OUTPUT', @releases OUTPUT;
  SELECT @releases AS releases,
    CASE WHEN COL_LENGTH('dbo.Customer', 'Segment') IS NULL AND OBJECT_ID('dbo.CK_Customer_CreditLimit', 'C') IS NULL
      THEN 0 ELSE 1 END AS touched;`;

export function createFleet({ sql, ca }: StackFile): Fleet {
  const databases = sql.flatMap(({ server, databases: names }) => names.map((name) => ({ server, name })));
  const limit = pLimit(atOnce);
  const ask = async (database: Database, text: string): Promise<Row | undefined> => {
    const login = sql.find(({ server }) => server === database.server);
    const [host = "", port] = database.server.split(",");
    const pool = await new mssql.ConnectionPool({
      server: host,
      ...(port !== undefined && { port: Number(port) }),
      ...(login && { user: login.user, password: login.password }),
      database: database.name,
      pool: { max: 1, min: 0 },
      options: { encrypt: true, cryptoCredentialsDetails: { ca: await readFile(ca, "utf8") } },
    }).connect();
    try {
      const { recordset } = (await pool.query(text)) as { readonly recordset?: readonly Row[] };
      return recordset?.[0];
    } finally {
      await pool.close();
    }
  };
  const each = <Result>(
    list: readonly Database[],
    act: (database: Database) => Promise<Result>,
  ): Promise<Result[]> => Promise.all(list.map((database) => limit(() => act(database))));

  return {
    databases,
    ask: (text) => each(databases, async (database) => ({ database, row: await ask(database, text) })),
    readReleases: () =>
      each(databases, async (database) => {
        const row = await ask(database, proofSql);
        return { ...database, releases: Number(row?.["releases"] ?? 0), touched: row?.["touched"] === 1 };
      }),
    spoil: async (list) => {
      await each(list, (database) =>
        ask(database, "INSERT INTO dbo.Customer (Name, CreditLimit) VALUES (N'Owes us', -1)"),
      );
    },
  };
}
