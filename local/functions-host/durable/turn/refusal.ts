/** The orchestration broke a rule of Durable Functions, or cannot be run: its instance fails with this message. */
export class Refusal extends Error {}

/** Upstream's NonDeterministicOrchestrationException. */
export function nonDeterministic(details: string): Refusal {
  return new Refusal(`Non-Deterministic workflow detected: ${details}`);
}
