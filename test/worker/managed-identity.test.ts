import { expect, it } from "vitest";
import { toLooseScript } from "../../model/package/loose-script.ts";
import { toPackageContent } from "../../model/package/to-package-content.ts";
import { engineProfile } from "../support/engine-profile.ts";
import { openWorkerStage } from "./support/worker-stage.ts";

it.runIf(engineProfile.accessToken !== undefined)(
  "a worker applies a package with its identity's access token, and knows no password",
  async () => {
    const stage = await openWorkerStage();
    try {
      const setup = "CREATE TABLE dbo.Effect (Login nvarchar(128) NOT NULL);";
      const databases = [await stage.sql.createDatabase(setup), await stage.sql.createDatabase(setup)];
      const script = toLooseScript("a.sql", "INSERT INTO dbo.Effect (Login) VALUES (SUSER_SNAME());");
      const token = (): Promise<string> => Promise.resolve(engineProfile.accessToken ?? "");
      const { exitCode } = await stage.run({
        content: toPackageContent("zip", [script]),
        targets: databases.map((override) => [{ default: "", override }]),
        plan: { auth: { kind: "ManagedIdentity" } },
        worker: { auth: { kind: "ManagedIdentity", token } },
      });
      expect(exitCode).toBe(0);
      for (const database of databases) {
        const rows = await stage.sql.query(database, "SELECT Login FROM dbo.Effect");
        expect(rows).toHaveLength(1);
      }
    } finally {
      await stage.stop();
    }
  },
);
