import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isCallbackAllowed } from "../../model/callback.ts";
import { CallbackOutcome } from "../../model/callback.ts";
import { applyRunEvent } from "../../model/run.ts";
import { FunctionSettings } from "../../model/settings.ts";
import { sampleAddress } from "../support/azure-devops.ts";
import { newRunId, sampleRun, sampleTime } from "../support/sample-run.ts";

const standard = FunctionSettings.parse({ KEY_VAULT_URL: "https://v.vault.azure.net" }).CALLBACK_ALLOW_LIST;

describe("isCallbackAllowed", () => {
  it.each([
    ["https://dev.azure.com/fabrikam/"],
    ["https://dev.azure.com/fabrikam"],
    ["https://fabrikam.visualstudio.com/"],
    ["https://DEV.azure.com:443/fabrikam/"],
  ])("takes %s", (url) => {
    expect(isCallbackAllowed(url, standard)).toBe(true);
  });

  it.each([
    ["http://dev.azure.com/fabrikam/"],
    ["https://dev.azure.com:8443/fabrikam/"],
    ["https://dev.azure.com.evil.example/fabrikam/"],
    ["https://dev.azure.com./fabrikam/"],
    ["https://dev.azure.com@evil.example/fabrikam/"],
    ["https://user:word@dev.azure.com/fabrikam/"],
    ["https://evil.example/?https://dev.azure.com/"],
    ["https://evil.example\\@dev.azure.com/"],
    ["https://dev.azure.com/fabrikam/?x=y"],
    ["https://dev.azure.com/fabrikam/#x"],
    ["https://visualstudio.com/"],
    ["https://evilvisualstudio.com/"],
    ["https://evil.example/.visualstudio.com/"],
    ["https://127.0.0.1/"],
    ["https://169.254.169.254/"],
    ["https://[::1]/"],
    ["file:///dev.azure.com/"],
    ["dev.azure.com"],
    [""],
  ])("refuses %s", (url) => {
    expect(isCallbackAllowed(url, standard)).toBe(false);
  });

  it("an entry with a path takes what is below it", () => {
    const list = ["https://tfs.example:8443/tfs/Fleet"];
    expect(isCallbackAllowed("https://tfs.example:8443/tfs/Fleet/", list)).toBe(true);
    expect(isCallbackAllowed("https://tfs.example:8443/tfs/Fleet/a/", list)).toBe(true);
    expect(isCallbackAllowed("https://tfs.example:8443/tfs/Fleet2/", list)).toBe(false);
    expect(isCallbackAllowed("https://tfs.example:8443/tfs/Fleet/../Other/", list)).toBe(false);
    expect(isCallbackAllowed("https://tfs.example/tfs/Fleet/", list)).toBe(false);
  });

  it("whatever is taken is fetched from a host of the list, by https", () => {
    const parts = fc.constantFrom(
      "https://",
      "dev.azure.com",
      "evil.example",
      ".visualstudio.com",
      "@",
      "\\",
    );
    const more = fc.constantFrom("/", ":443", ":1", "//", "#", "?", "%2e", "a", "\t", ".");
    fc.assert(
      fc.property(fc.array(fc.oneof(parts, more), { maxLength: 8 }), (pieces) => {
        const text = pieces.join("");
        if (!isCallbackAllowed(text, standard)) return;
        const { protocol, host } = new URL(text);
        expect(protocol).toBe("https:");
        expect(host).toMatch(/^dev\.azure\.com$|\.visualstudio\.com$/);
      }),
    );
  });
});

describe("what came of a callback", () => {
  const address = sampleAddress("https://dev.azure.com/fabrikam/");
  const outcome = CallbackOutcome.parse({ state: "sent", at: sampleTime });

  it("is remembered after the end of the run, once", () => {
    const ended = sampleRun(newRunId(), 1, { state: "failed", callback: { state: "pending", address } });
    const told = applyRunEvent(ended, { type: "calledBack", outcome });
    expect(told.callback).toEqual({ ...outcome, address });
    const again = { ...outcome, at: "2027-01-01T00:00:00.000Z" };
    expect(applyRunEvent(told, { type: "calledBack", outcome: again })).toBe(told);
  });

  it("is nothing to a run for which nobody waits", () => {
    const run = sampleRun(newRunId(), 1);
    expect(applyRunEvent(run, { type: "calledBack", outcome })).toBe(run);
  });
});
