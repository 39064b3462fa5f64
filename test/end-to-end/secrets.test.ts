import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { isOver, startTestStack, type TestStack } from "../support/test-stack.ts";

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack({ databases: 4 });
});
afterAll(async () => {
  await stack.stop();
});

/** Values nobody else uses: what is found of them has leaked. */
function toCanaries(): readonly (readonly [string, string])[] {
  const { secrets } = stack.file;
  const names = [
    "StorageAccountKey",
    "BatchAccountKey",
    "Password",
    "EventHubConnectionString",
    "ServiceBusTopicConnectionString",
  ];
  return names.map((name) => [name, toSecretPart(secrets[name] ?? "")] as const);
}

/** A connection string is no secret but for its key. */
function toSecretPart(value: string): string {
  return /SharedAccessKey=([^;]+)/.exec(value)?.[1] ?? value;
}

it("a secret's value is in the Key Vault and nowhere else", async () => {
  await stack.upload("insert", "INSERT INTO dbo.TransactionTest VALUES ('canary', NEWID(), GETDATE());");
  await stack.upload("fails", "INSERT INTO dbo.NoSuchTable VALUES (1);");
  const processLists: string[] = [];
  for (const name of ["insert", "fails"]) {
    const runId = await stack.start(name, 4);
    await stack.until(runId, ({ state }) => state !== "accepted" && state !== "staging");
    processLists.push(await readCommandLines());
    await stack.until(runId, isOver);
  }
  const answers = [await stack.call("GET", "/secrets"), await stack.call("GET", "/runs")].map(
    ({ text }) => text,
  );
  const places = [
    ...(await readFiles(stack.folder)),
    { place: "process lists", content: processLists.join("\n") },
    { place: "the host's log", content: stack.output.join("\n") },
    { place: "answers", content: answers.join("\n") },
  ];
  const leaks = toCanaries().flatMap(([name, value]) =>
    places.filter(({ content }) => content.includes(value)).map(({ place }) => `${name} in ${place}`),
  );
  expect(places.length).toBeGreaterThan(10);
  expect(leaks).toEqual([]);
}, 120_000);

/** All the stack wrote but the file whose purpose is to hold them, and the databases, which hold no secret of ours. */
async function readFiles(folder: string): Promise<{ place: string; content: string }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== "stack.json");
  return Promise.all(
    files.map(async ({ parentPath, name }) => {
      const place = join(parentPath, name);
      return { place, content: await readFile(place, "latin1").catch(() => "") };
    }),
  );
}

async function readCommandLines(): Promise<string> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, "latin1").catch(() => "")));
  return lines.join("\n").replaceAll("\0", " ");
}
