import { createHmac, timingSafeEqual } from "node:crypto";
import type { Clock } from "../part.ts";

export interface TokenRules {
  /** The key shared access signatures are made with. */
  readonly sharedAccessKey: string;
  readonly clock: Clock;
  readonly acceptToken?: AcceptToken | undefined;
}

/** What a role allows: Data Owner everything, Data Sender and Data Receiver one thing each. */
export type Right = "manage" | "send" | "listen";

/** Decides about Entra tokens: refused, everything, or the rights of a role. Left out, none is accepted. */
export type AcceptToken = (jwt: string) => boolean | readonly Right[];

const everything: readonly Right[] = ["manage", "send", "listen"];

/** The one policy of a namespace here, named as Azure names the one it creates. */
export const sharedAccessKeyName = "RootManageSharedAccessKey";

/** What a token allows, or why it is refused, in the service's words. */
export type TokenVerdict = Grant | { readonly refusal: string };

export interface Grant {
  readonly rights: readonly Right[];
  /** Path of the entity it is good for, with all that lies below; "" = the whole namespace. */
  readonly scope: string;
}

/** Whether a grant gives a right on an entity. Case does not matter. */
export function allows({ rights, scope }: Grant, right: Right, entity: string): boolean {
  const [wanted, given] = [entity.toLowerCase(), scope.toLowerCase()];
  return rights.includes(right) && (given === "" || wanted === given || wanted.startsWith(`${given}/`));
}

/** Judges a token, of either kind, however it was presented (`$cbs` or an Authorization header). */
export function judgeToken(rules: TokenRules, token: string): TokenVerdict {
  if (token.startsWith("SharedAccessSignature ")) {
    const fields = parseFields(token.slice("SharedAccessSignature ".length));
    const refusal = judgeSignature(rules, fields);
    return refusal === undefined ? { rights: everything, scope: readScope(fields) } : { refusal };
  }
  const accepted = rules.acceptToken?.(token) ?? false;
  if (accepted === false) return { refusal: "InvalidToken: The token is not accepted here." };
  return { rights: accepted === true ? everything : accepted, scope: "" };
}

/** `sr` is `scheme://host/path`; some clients leave the scheme out, others add the query of their request. */
function readScope(fields: ReadonlyMap<string, string>): string {
  return decodeURIComponent(fields.get("sr") ?? "")
    .replace(/^[a-z]+:\/\//i, "")
    .replace(/^[^/]*\/?/, "")
    .replace(/\/?(?:\?.*)?$/, "");
}

/** The service's words for a caller it knows and does not let. */
export function toClaimRequired(right: Right, resource: string): string {
  const name = { manage: "Manage", send: "Send", listen: "Listen" }[right];
  return `Unauthorized access. '${name}' claim(s) are required to perform this operation. Resource: '${resource}'.`;
}

/**
 * `SharedAccessSignature sr=…&sig=…&se=…&skn=…`: the signature is HMAC-SHA256 of `sr` as it is spelt in the
 * token, a line feed and the expiry in seconds.
 */
function judgeSignature(rules: TokenRules, fields: ReadonlyMap<string, string>): string | undefined {
  const expected = createHmac("sha256", rules.sharedAccessKey)
    .update(`${fields.get("sr") ?? ""}\n${fields.get("se") ?? ""}`)
    .digest();
  const given = Buffer.from(decodeURIComponent(fields.get("sig") ?? ""), "base64");
  if (decodeURIComponent(fields.get("skn") ?? "") !== sharedAccessKeyName) {
    return "InvalidSignature: The token names an unknown key.";
  }
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return "InvalidSignature: The token has an invalid signature.";
  }
  const expired = Number(fields.get("se")) * 1000 <= rules.clock.now();
  return expired ? "ExpiredToken: The token is expired." : undefined;
}

function parseFields(text: string): Map<string, string> {
  return new Map(
    text.split("&").map((pair) => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at), pair.slice(at + 1)] as const;
    }),
  );
}
