import { badRequest } from "./errors.ts";
import type { KubeObject } from "./objects.ts";

export type Matches = (object: KubeObject) => boolean;

/**
 * `labelSelector`: `a=b,c!=d,e in (f,g),h notin (i),j,!k`.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#api
 */
export function parseLabelSelector(text: string): Matches {
  const terms = splitTerms(text).map(parseLabelTerm);
  return ({ metadata }) => terms.every((matches) => matches(metadata.labels ?? {}));
}

type Labels = Readonly<Record<string, string>>;

/** Commas inside parentheses do not separate terms. */
const splitTerms = (text: string): string[] =>
  text
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== "");

function parseLabelTerm(term: string): (labels: Labels) => boolean {
  const set = /^(\S+)\s+(in|notin)\s+\((.*)\)$/.exec(term);
  if (set) {
    const [, key = "", operator, list = ""] = set;
    const values = list.split(",").map((value) => value.trim());
    return (labels) => values.includes(labels[key] ?? "\0") === (operator === "in");
  }
  const equality = /^([^=!\s]+)\s*(==|=|!=)\s*(\S*)$/.exec(term);
  if (equality) {
    const [, key = "", operator, value] = equality;
    return (labels) => (labels[key] === value) === (operator !== "!=");
  }
  const existence = /^(!?)([^=!\s]+)$/.exec(term);
  if (!existence) throw badRequest(`unable to parse requirement: ${term}`);
  const [, not, key = ""] = existence;
  return (labels) => key in labels === (not === "");
}

/** `fieldSelector`: `metadata.name=a,status.phase!=Running`; any path of plain values, where a server knows a few. */
export function parseFieldSelector(text: string): Matches {
  const terms = text.split(",").filter((term) => term !== "");
  const parsed = terms.map((term) => {
    const [, path = "", operator, value] = /^([^=!]+)(==|=|!=)(.*)$/.exec(term) ?? [];
    if (operator === undefined) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
    return (object: KubeObject) => (textAt(object, path) === value) === (operator !== "!=");
  });
  return (object) => parsed.every((matches) => matches(object));
}

/** An absent field is the empty text, as selectors see it. */
function textAt(object: KubeObject, path: string): string {
  let value: unknown = object;
  for (const name of path.split(".")) value = (value as Record<string, unknown> | undefined)?.[name];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
