import type { Need } from "./is-allowed.ts";

/** A request as far as its rights depend on it. */
export interface StorageRequest {
  readonly method: string;
  /** The account is the first segment of the path. */
  readonly url: URL;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export type ToNeeds = (request: StorageRequest) => readonly Need[];

/** The path behind the account: its first segment, and the rest as one text. @throws URIError when wrongly encoded */
export function toResource({ pathname }: URL): { readonly first: string; readonly rest: string } {
  const [, , first = "", ...rest] = pathname.split("/");
  return { first: decodeURIComponent(first), rest: decodeURIComponent(rest.join("/")) };
}

export const isRead = (method: string): boolean => method === "GET" || method === "HEAD";
