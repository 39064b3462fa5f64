import { afterAll, beforeAll, expect, test } from "vitest";
import { startStandIns, type StandIns } from "../../support/stand-ins.ts";
import { describeFiles } from "../contract/ports/files.ts";

let standIns: StandIns;
beforeAll(async () => {
  standIns = await startStandIns({ storage: true });
});
afterAll(() => standIns.stop());

describeFiles("Azure Blob Storage", () => standIns.newServices().files);

test("a wrong account key is said to be unavailable, without the key", async () => {
  const key = Buffer.from("not the key").toString("base64");
  const { secrets } = standIns.newServices();
  const right = await secrets.read("StorageAccountKey");
  await secrets.write("StorageAccountKey", key);
  const failure: unknown = await standIns
    .newServices()
    .files.write("runs", "a", "b")
    .catch((error: unknown) => error);
  await secrets.write("StorageAccountKey", right);
  expect(failure).toMatchObject({ code: "ServiceUnavailable" });
  expect((failure as Error).message).toMatch(/^Blob storage: /);
  expect((failure as Error).message).not.toContain(key);
});

test("a rotated key is taken up by a process that has the old one", async () => {
  const { files, secrets } = standIns.newServices();
  const right = await secrets.read("StorageAccountKey");
  await secrets.write("StorageAccountKey", Buffer.from("old").toString("base64"));
  await expect(files.write("runs", "a", "b")).rejects.toMatchObject({ code: "ServiceUnavailable" });
  await secrets.write("StorageAccountKey", right);
  await files.write("runs", "a", "b");
});
