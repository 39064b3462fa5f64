import type { Json } from "../account.ts";
import { BatchError } from "../errors.ts";

/** The parts of OData the list calls take: `$filter`, `$select` and pages. */

type Predicate = (item: Json) => boolean;

const comparisons: Readonly<Record<string, (a: string | number, b: string | number) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
};

/**
 * Understands comparisons of a path with a literal, `startswith(path, 'text')`, `and`, `or`, `not` and
 * parentheses. @throws BatchError InvalidQueryParameterValue naming what it does not understand.
 */
export function parseFilter(filter: string): Predicate {
  const cursor = createCursor(filter);
  const predicate = parseEither(cursor);
  if (cursor.peek() !== "") throw badFilter(cursor);
  return predicate;
}

interface Cursor {
  readonly filter: string;
  /** Empty at the end. */
  readonly peek: () => string;
  readonly next: () => string;
  /** Takes the token if it is this one. */
  readonly accept: (token: string) => boolean;
}

function createCursor(filter: string): Cursor {
  const tokens = filter.match(/'(?:[^']|'')*'|[(),]|[^\s(),']+/g) ?? [];
  let position = 0;
  const peek = (): string => tokens[position] ?? "";
  return {
    filter,
    peek,
    next: () => tokens[position++] ?? "",
    accept: (token) => {
      const found = peek().toLowerCase() === token;
      if (found) position += 1;
      return found;
    },
  };
}

function parseEither(cursor: Cursor): Predicate {
  const left = parseBoth(cursor);
  if (!cursor.accept("or")) return left;
  const right = parseEither(cursor);
  return (item) => left(item) || right(item);
}

function parseBoth(cursor: Cursor): Predicate {
  const left = parseSingle(cursor);
  if (!cursor.accept("and")) return left;
  const right = parseBoth(cursor);
  return (item) => left(item) && right(item);
}

function parseSingle(cursor: Cursor): Predicate {
  if (cursor.accept("not")) {
    const inner = parseSingle(cursor);
    return (item) => !inner(item);
  }
  if (cursor.accept("(")) {
    const inner = parseEither(cursor);
    expect(cursor, ")");
    return inner;
  }
  return cursor.accept("startswith") ? parseStartsWith(cursor) : parseComparison(cursor);
}

function parseStartsWith(cursor: Cursor): Predicate {
  expect(cursor, "(");
  const path = cursor.next();
  expect(cursor, ",");
  const start = String(toLiteral(cursor.next()));
  expect(cursor, ")");
  return (item) => String(valueAt(item, path) ?? "").startsWith(start);
}

function parseComparison(cursor: Cursor): Predicate {
  const path = cursor.next();
  const compare = comparisons[cursor.peek().toLowerCase()];
  if (!compare) throw badFilter(cursor);
  cursor.next();
  const literal = toLiteral(cursor.next());
  return (item) => {
    const value = valueAt(item, path);
    return value !== undefined && compare(value, literal);
  };
}

function expect(cursor: Cursor, token: string): void {
  if (!cursor.accept(token)) throw badFilter(cursor);
}

/** The properties named, at the top level; no names = all. */
export function select(item: Json, names: string | null): Json {
  if (names === null || names === "") return item;
  const wanted = new Set(names.split(",").map((name) => name.trim()));
  return Object.fromEntries(Object.entries(item).filter(([name]) => wanted.has(name)));
}

/** One page of a list, as the query asks for it. */
export function toPage(url: URL, items: readonly Json[]): Json {
  const query = url.searchParams;
  const filter = query.get("$filter");
  const matching = filter === null ? items : items.filter(parseFilter(filter));
  const size = Math.min(Number(query.get("maxresults") ?? 1000), 1000);
  const start = Number(query.get("$skiptoken") ?? 0);
  const value = matching.slice(start, start + size).map((item) => select(item, query.get("$select")));
  const page = { "odata.metadata": `${url.origin}/$metadata#${url.pathname.slice(1)}`, value };
  if (start + size >= matching.length) return page;
  const next = new URLSearchParams(query);
  next.set("$skiptoken", String(start + size));
  return { ...page, "odata.nextLink": `${url.origin}${url.pathname}?${next.toString()}` };
}

function valueAt(item: Json, path: string): string | number | undefined {
  const value = path.split("/").reduce<unknown>((found, name) => (found as Json | undefined)?.[name], item);
  return typeof value === "string" || typeof value === "number" ? value : undefined;
}

/** Quoted text, a number, or a time as `datetime'…'` or bare; times compare as ISO 8601 text. */
function toLiteral(token: string): string | number {
  if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
  return /^-?\d+(\.\d+)?$/.test(token) ? Number(token) : token;
}

function badFilter({ filter, peek }: Cursor): BatchError {
  const message = `$filter '${filter}' is not understood at '${peek()}'`;
  return new BatchError(400, "InvalidQueryParameterValue", message);
}
