import { parseServerAddress, splitServer } from "./server-address.ts";

/**
 * Whether a server may be a target. In a pattern, `*` stands for any part of the host name, dots included, and for
 * nothing else: `*.database.windows.net` covers every host below that domain. A port or an instance in a pattern must
 * be the target's; without one, any is allowed. A text that is no server address is never allowed. Any case.
 */
export function isAllowed(server: string, patterns: readonly string[]): boolean {
  const address = parseServerAddress(server);
  if (!address.ok) return false;
  const { host, port, instance } = address.value;
  return patterns.some((pattern) => {
    const wanted = splitServer(pattern);
    return (
      matchesHost(host, wanted.host) &&
      (wanted.port === undefined || Number(wanted.port) === port) &&
      (wanted.instance === undefined || wanted.instance.toLowerCase() === instance?.toLowerCase())
    );
  });
}

/** Taken apart at the stars, not made a regular expression: no pattern can be slow or mean more than it says. */
function matchesHost(host: string, pattern: string): boolean {
  const [first = "", ...others] = pattern.split("*");
  const last = others.pop();
  if (last === undefined) return host === first;
  if (host.length < first.length + last.length || !host.startsWith(first) || !host.endsWith(last))
    return false;
  const middle = host.slice(first.length, host.length - last.length);
  return findInOrder(middle, others);
}

function findInOrder(text: string, parts: readonly string[]): boolean {
  let at = 0;
  for (const part of parts) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return true;
}
