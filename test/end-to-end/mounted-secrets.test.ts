import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { isOver, startTestStack, type TestStack } from "../support/test-stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ databases: 2, servers: 1, settings: { KUBERNETES_SECRETS: "csi" } });
}, 60_000);
afterAll(() => stack.stop());

/** Every file below a folder that holds one of the texts. */
async function filesWith(folder: string, texts: readonly string[]): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const content = await readFile(path, "utf8").catch(() => "");
    if (texts.some((text) => content.includes(text))) found.push(path);
  }
  return found;
}

it("pods whose secrets the CSI driver mounts change the databases, and leave no secret behind", async () => {
  await stack.upload("mounted", "CREATE TABLE dbo.Mounted (Id int);");
  const id = await stack.start("mounted", 2, { compute: { kind: "kubernetes", pods: 1 } });
  const { items } = (await stack.call("GET", `/compute/kubernetes/manifests?run=${id}`)).body as {
    items: readonly { kind: string }[];
  };
  expect(items.map(({ kind }) => kind)).toContain("SecretProviderClass");
  const run = await stack.until(id, isOver);
  expect(run).toMatchObject({ state: "succeeded", targets: { committed: 2 } });
  const { Password, StorageAccountKey } = stack.file.secrets;
  expect(Password && StorageAccountKey).toBeTruthy();
  expect(await filesWith(join(stack.folder, "kubernetes"), [Password!, StorageAccountKey!])).toEqual([]);
}, 90_000);
