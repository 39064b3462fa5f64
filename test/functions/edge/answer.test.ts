import { inspect } from "node:util";
import { HttpRequest, InvocationContext, type HttpResponseInit } from "@azure/functions";
import { describe, expect, test } from "vitest";
import { answer } from "../../../functions/edge/answer.ts";
import { readBytes, readJson } from "../../../functions/edge/read-body.ts";
import { failures, Failure } from "../../../model/failures.ts";

const request = (body?: string | Uint8Array, headers: Record<string, string> = {}) =>
  new HttpRequest({
    method: "POST",
    url: "http://localhost/api/runs",
    headers,
    ...(body !== undefined && { body: typeof body === "string" ? { string: body } : { bytes: body } }),
  });

async function answerTo(act: () => Promise<HttpResponseInit>) {
  const logged: string[] = [];
  const context = new InvocationContext({
    invocationId: "invocation-1",
    functionName: "test",
    logHandler: (level, ...parts) => logged.push([level, ...parts].map(String).join(" ")),
  });
  const response = await answer(act)(request(), context);
  return { response: response as HttpResponseInit, logged };
}

describe("answer", () => {
  test("what goes well is passed on", async () => {
    expect(await answerTo(() => Promise.resolve({ status: 202 }))).toEqual({
      response: { status: 202 },
      logged: [],
    });
  });

  test("a failure is answered with its status, code, message and help, and not logged", async () => {
    const details = [{ code: "NoTargets" as const, message: "none", line: 3 }];
    const failure = new Failure("NoTargets", "There is no target.", { details });
    const { response, logged } = await answerTo(() => Promise.reject(failure));
    expect(response).toEqual({
      status: 400,
      jsonBody: {
        error: { code: "NoTargets", message: "There is no target.", help: failures.NoTargets.help, details },
      },
    });
    expect(logged).toEqual([]);
  });

  test("what may work later says when to try again", async () => {
    const failure = new Failure("ServiceUnavailable", "Blob storage: ServerBusy");
    const { response, logged } = await answerTo(() => Promise.reject(failure));
    expect(response).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
    expect(logged).toHaveLength(1);
  });

  test("what nobody foresaw is logged, and answered without a word of it", async () => {
    const { response, logged } = await answerTo(() => Promise.reject(new Error("canary")));
    expect(response).toMatchObject({ status: 500, jsonBody: { error: { code: "InternalError" } } });
    expect(JSON.stringify(response)).not.toContain("canary");
    expect(JSON.stringify(response)).toContain("invocation-1");
    expect(logged.join()).toContain("canary");
  });
});

describe("reading a body", () => {
  test("JSON, with the byte-order mark some clients send", async () => {
    expect(await readJson(request('{"a":"ü"}'))).toEqual({ a: "ü" });
    expect(await readJson(request('\uFEFF{"a":1}'))).toEqual({ a: 1 });
  });

  test("what is no JSON is refused without being quoted", async () => {
    for (const body of ["", "canary", '{"Password":"canary'] as const) {
      const failure = (await readJson(request(body)).catch((error: unknown) => error)) as Failure;
      expect(failure).toMatchObject({ code: "InvalidJson", status: 400 });
      expect(inspect(failure)).not.toContain("canary");
    }
  });

  test("a limit holds by the declared length and by the bytes that came", async () => {
    const tooLarge = { code: "PackageTooLarge", status: 413 };
    await expect(readBytes(request(new Uint8Array(11)), 10, "PackageTooLarge")).rejects.toMatchObject(
      tooLarge,
    );
    const declared = request(new Uint8Array(1), { "content-length": "99" });
    await expect(readBytes(declared, 10, "PackageTooLarge")).rejects.toMatchObject(tooLarge);
    expect(await readBytes(request(new Uint8Array(10)), 10, "PackageTooLarge")).toHaveLength(10);
  });
});
