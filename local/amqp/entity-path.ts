/** Clients name an entity by its path, `/path`, or `amqps://host/path` (also `sb:`); all mean the same. */
export function toEntityPath(address: string): string {
  return address.replace(/^(?:sb|amqps?):\/\/[^/]*/i, "").replace(/^\//, "");
}
