import { createHmac, timingSafeEqual } from "node:crypto";
import type { Clock } from "../part.ts";

export interface TokenRules {
  /** The key shared access signatures are made with. */
  readonly sharedAccessKey: string;
  readonly clock: Clock;
  /** Decides about Entra tokens; left out, none is accepted. */
  readonly acceptToken?: ((jwt: string) => boolean) | undefined;
}

/** The one policy of a namespace here, named as Azure names the one it creates. */
export const sharedAccessKeyName = "RootManageSharedAccessKey";

/** Why a token is refused, in the service's words; undefined = accepted. */
export type TokenVerdict = string | undefined;

/** Judges a token, of either kind, however it was presented (`$cbs` or an Authorization header). */
export function judgeToken(rules: TokenRules, token: string): TokenVerdict {
  if (token.startsWith("SharedAccessSignature ")) return judgeSignature(rules, token);
  return rules.acceptToken?.(token) ? undefined : "InvalidToken: The token is not accepted here.";
}

/**
 * `SharedAccessSignature sr=…&sig=…&se=…&skn=…`: the signature is HMAC-SHA256 of `sr` as it is spelt in the
 * token, a line feed and the expiry in seconds.
 */
function judgeSignature(rules: TokenRules, token: string): TokenVerdict {
  const fields = parseFields(token.slice("SharedAccessSignature ".length));
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
