import { expect, it } from "vitest";
import { joinSignals } from "../../worker/join-signals.ts";

it("aborts with the first reason, also of a signal that was aborted before", () => {
  const [first, second] = [new AbortController(), new AbortController()];
  const { signal } = joinSignals(first.signal, second.signal);
  expect(signal.aborted).toBe(false);
  second.abort("lockLost");
  first.abort("shutdown");
  expect(signal.reason).toBe("lockLost");
  expect(joinSignals(first.signal).signal.reason).toBe("shutdown");
});

it("leaves nothing on the signals once it is released", () => {
  const stop = new AbortController();
  const { signal, release } = joinSignals(stop.signal);
  release();
  stop.abort("shutdown");
  expect(signal.aborted).toBe(false);
});
