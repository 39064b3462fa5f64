/** A cookie as the RPC contract carries it; a value that may be missing is wrapped (RpcNullable…). */
export interface RpcCookie {
  readonly name: string;
  readonly value: string;
  readonly domain?: { readonly value: string };
  readonly path?: { readonly value: string };
  readonly expires?: { readonly value: { readonly seconds: number } };
  readonly maxAge?: { readonly value: number };
  readonly secure?: { readonly value: boolean };
  readonly httpOnly?: { readonly value: boolean };
  readonly sameSite?: "none" | "lax" | "strict" | "explicitNone";
}

const sameSiteNames = { none: undefined, lax: "lax", strict: "strict", explicitNone: "none" };

/** The value of a `Set-Cookie` header (RFC 6265). Name and value are encoded, as ASP.NET does. */
export function toSetCookie(cookie: RpcCookie): string {
  const pair = `${encodeURIComponent(cookie.name)}=${encodeURIComponent(cookie.value)}`;
  return [pair, ...valuesOf(cookie), ...flagsOf(cookie)].join("; ");
}

function valuesOf({ expires, maxAge, domain, path, sameSite = "none" }: RpcCookie): string[] {
  const values = {
    expires: expires && new Date(expires.value.seconds * 1000).toUTCString(),
    "max-age": maxAge?.value,
    domain: domain?.value,
    path: path?.value,
    samesite: sameSiteNames[sameSite],
  };
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
}

function flagsOf({ secure, httpOnly }: RpcCookie): string[] {
  return [...(secure?.value === true ? ["secure"] : []), ...(httpOnly?.value === true ? ["httponly"] : [])];
}
