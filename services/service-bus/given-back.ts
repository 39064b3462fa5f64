import type { ServiceBusReceivedMessage } from "@azure/service-bus";

/** Application property: how many deliveries of the message ended before its target was begun. */
const property = "givenBack";

/** What is changed in a message that is given back with its target not begun. */
export function toGivenBack(message: ServiceBusReceivedMessage): Readonly<Record<string, number>> {
  return { [property]: countGivenBack(message) + 1 };
}

/** Whether nobody ever began the message's target. @param delivery which one this is, from 1 */
export function isUntouched(message: ServiceBusReceivedMessage, delivery: number): boolean {
  return delivery === countGivenBack(message) + 1;
}

function countGivenBack({ applicationProperties }: ServiceBusReceivedMessage): number {
  const count = applicationProperties?.[property];
  return typeof count === "number" ? count : 0;
}
