import { randomUUID } from "node:crypto";
import type { AmqpMap } from "./values.ts";

/** The properties of every link the services accept: Microsoft's Python client cannot do without any. */
export function createTracking(): AmqpMap {
  return { "com.microsoft:tracking-id": randomUUID() };
}
