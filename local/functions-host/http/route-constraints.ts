/** True = the value may stand in the parameter's place. */
export type Constraint = (value: string) => boolean;

const integer = /^[+-]?\d+$/;
const float = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** The constraints of ASP.NET Core by name; `argument` is what stands in parentheses. */
const constraints: Readonly<Record<string, (argument: string) => Constraint>> = {
  int: () => (value) => integer.test(value) && Math.abs(Number(value)) <= 2_147_483_647,
  long: () => (value) => integer.test(value),
  bool: () => (value) => /^(true|false)$/i.test(value),
  double: () => (value) => float.test(value),
  float: () => (value) => float.test(value),
  decimal: () => (value) => float.test(value),
  guid: () => (value) => /^\{?[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}\}?$/i.test(value),
  datetime: () => (value) => !Number.isNaN(Date.parse(value)),
  alpha: () => (value) => /^[a-z]*$/i.test(value),
  required: () => (value) => value !== "",
  min: (least) => (value) => integer.test(value) && Number(value) >= Number(least),
  max: (most) => (value) => integer.test(value) && Number(value) <= Number(most),
  minlength: (least) => (value) => value.length >= Number(least),
  maxlength: (most) => (value) => value.length <= Number(most),
  range: (bounds) => {
    const [least, most] = bounds.split(",").map(Number);
    return (value) => integer.test(value) && Number(value) >= (least ?? 0) && Number(value) <= (most ?? 0);
  },
  length: (bounds) => {
    const [least = 0, most = least] = bounds.split(",").map(Number);
    return (value) => value.length >= least && value.length <= most;
  },
  // ASP.NET wants braces inside the expression doubled, because single ones end the parameter.
  regex: (expression) => {
    const pattern = new RegExp(expression.replaceAll("{{", "{").replaceAll("}}", "}"), "i");
    return (value) => pattern.test(value);
  },
};

/** @throws {Error} when there is no such constraint. */
export function parseConstraint(text: string): Constraint {
  const [, name = "", argument = ""] = /^(\w+)(?:\((.*)\))?$/.exec(text) ?? [];
  const create = constraints[name.toLowerCase()];
  if (create === undefined) throw new Error(`There is no route constraint "${text}"`);
  return create(argument);
}
