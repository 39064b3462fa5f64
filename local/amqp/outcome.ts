import rhea from "rhea";
import type { AmqpError } from "./errors.ts";
import type { RemoteState } from "./rhea-types.ts";
import type { AmqpMap } from "./values.ts";

/** How a client ended a delivery. */
export type Outcome =
  | { readonly kind: "accepted" }
  | { readonly kind: "released" }
  | { readonly kind: "modified"; readonly undeliverableHere: boolean; readonly annotations: AmqpMap }
  | { readonly kind: "rejected"; readonly info: AmqpMap };

/** What a client's disposition means. */
export function parseOutcome(kind: Outcome["kind"], state: RemoteState = {}): Outcome {
  switch (kind) {
    case "accepted":
    case "released":
      return { kind };
    case "modified":
      return {
        kind,
        undeliverableHere: state.undeliverable_here ?? false,
        annotations: state.message_annotations ?? {},
      };
    case "rejected":
      return { kind, info: state.error?.info ?? {} };
  }
}

/** The outcomes the services answer with, as a frame holds them. */
export const toAccepted = (): unknown => outcomes.accepted().described();

export function toRejected({ condition, message }: AmqpError): unknown {
  return outcomes.rejected({ error: { condition, description: message } }).described();
}

interface Outcomes {
  accepted(): { described(): unknown };
  rejected(fields: { error: { condition: string; description: string } }): { described(): unknown };
}
const outcomes = rhea.message as unknown as Outcomes;
