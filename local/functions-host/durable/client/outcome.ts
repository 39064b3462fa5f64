/** How a client's request for an existing instance ended. */
export type Outcome = "accepted" | "unknown" | "ended" | "not-failed";
