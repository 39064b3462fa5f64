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
