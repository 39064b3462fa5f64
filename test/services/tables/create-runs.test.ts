import { afterAll, beforeAll } from "vitest";
import { startStandIns, type StandIns } from "../../support/stand-ins.ts";
import { describeRuns } from "../contract/ports/runs.ts";

let standIns: StandIns;
beforeAll(async () => {
  standIns = await startStandIns({ storage: true });
});
afterAll(() => standIns.stop());

describeRuns("Azure Table Storage", () => standIns.newServices().runs);
