import { createHmac } from "node:crypto";
import { request } from "node:https";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type LocalBatch, startLocalBatch } from "./local-batch.ts";

const path = "/jobs/none?api-version=2022-10-01.16.0";
let local: LocalBatch;

beforeAll(async () => {
  local = await startLocalBatch();
});
afterAll(() => local.stop());

/** Deletes a job that is not there, with a signature over this text in the place of the body's length. */
function deleteSigned(length: string): Promise<number | undefined> {
  const { accountName, accountKey, url } = local.batch;
  const date = new Date().toUTCString();
  const text = [
    ...["DELETE", "", "", length, "", "", "", "", "", "", "", ""],
    ...[`ocp-date:${date}`, `/${accountName}/jobs/none`, "api-version:2022-10-01.16.0"],
  ].join("\n");
  const signature = createHmac("sha256", Buffer.from(accountKey, "base64")).update(text).digest("base64");
  const headers = {
    authorization: `SharedKey ${accountName}:${signature}`,
    "ocp-date": date,
    "content-length": "0",
  };
  return new Promise((resolve, reject) => {
    request(`${url}${path}`, { method: "DELETE", headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}

test("the length of an empty body may be signed as nothing or as 0; anything else is refused", async () => {
  expect([await deleteSigned(""), await deleteSigned("0"), await deleteSigned("1")]).toEqual([404, 404, 403]);
});
