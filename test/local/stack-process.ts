import { setTimeout as pause } from "node:timers/promises";
import { startStorage } from "../../local/storage/azurite.ts";
import { startLocalBatch } from "./batch/local-batch.ts";

/** A process with children and a task, for a test to kill. Prints the ids of what must not outlive it. */
const storage = await startStorage();
const local = await startLocalBatch();
await local.addTask(await local.newPool(1), `sh -c "sleep 600 & exec sleep 600"`);
while (local.batch.running().length === 0) await pause(10);
const tasks = local.batch.running().map(({ pid }) => pid);
process.stdout.write(`${JSON.stringify([storage.pid, ...tasks])}\n`);
