/**
 * The text of a script or XML file, without its byte-order mark: UTF-16 where the mark says so, else UTF-8.
 * `undefined` when the bytes are not text in that encoding. Old Windows code pages are refused that way too: reading
 * them as UTF-8, as sbm does, silently changes what goes into the databases.
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  const text = decodeAs(encodingOf(bytes), bytes);
  return text === undefined || hasControlCharacters(text) ? undefined : text;
}

function encodingOf(bytes: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return "utf-8";
}

function decodeAs(encoding: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Those no text file has; tab, line and page breaks, DOS end-of-file and escape do occur. */
function hasControlCharacters(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- control characters are what it looks for
  return /[\0-\x08\x0e-\x19\x1c-\x1f]/.test(text);
}
