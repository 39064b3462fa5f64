import { expect, it } from "vitest";
import { engineProfile } from "../support/engine-profile.ts";
import { packageOf } from "./support/package-of.ts";
import { startWorkerBench } from "./support/worker-bench.ts";

it.runIf(engineProfile.accessToken !== undefined)(
  "a worker applies a package with its identity's access token, and knows no password",
  async () => {
    await using undo = new AsyncDisposableStack();
    const bench = await startWorkerBench();
    undo.defer(() => bench.stop());
    const { sql } = bench;
    const setup = "CREATE TABLE dbo.Effect (Login nvarchar(128) NOT NULL);";
    const databases = [await sql.createDatabase(setup), await sql.createDatabase(setup)];
    const token = (): Promise<string> => Promise.resolve(engineProfile.accessToken ?? "");
    const run = await bench.newRun({
      content: packageOf("INSERT INTO dbo.Effect (Login) VALUES (SUSER_SNAME());"),
      targets: databases.map((override) => ({
        server: sql.server,
        databases: [{ default: "", override }],
      })),
      plan: { auth: { kind: "ManagedIdentity" } },
    });
    expect(await run.startWorker({ auth: { kind: "ManagedIdentity", token } })).toBe(0);
    for (const database of databases) {
      expect(await sql.query(database, "SELECT Login FROM dbo.Effect")).toHaveLength(1);
    }
  },
);
