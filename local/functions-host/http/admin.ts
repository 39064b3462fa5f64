import { emptyAnswer } from "./front.ts";
import type { HttpAnswer } from "./rpc-http.ts";

export interface AdminActions {
  /** What `GET /admin/host/status` shows. */
  status(): Readonly<Record<string, unknown>>;
  /**
   * Starts a function by hand and does not wait for it.
   * @returns false when there is no such function, or it has an HTTP trigger of its own.
   */
  runByHand(functionName: string, input: string): boolean;
  /** Names and bindings, as `GET /admin/functions` shows them. */
  functions(): readonly Readonly<Record<string, unknown>>[];
  /** @returns whether the key was new; undefined when there is no such function. */
  setFunctionKey(functionName: string, keyName: string, value: string): boolean | undefined;
}

/**
 * As in Azure: `GET /admin/host/status`, `GET /admin/functions`, `POST /admin/functions/{name}` with `{"input": "…"}`
 * (202), and `PUT /admin/functions/{name}/keys/{key}` with `{"name","value"}` (201 or 200).
 * Source: github.com/Azure/azure-functions-host/wiki/Key-management-API
 */
export function answerAdmin(
  method: string,
  path: string,
  body: Uint8Array,
  actions: AdminActions,
): HttpAnswer {
  for (const [routeMethod, pattern, act] of routes) {
    const match = method === routeMethod ? pattern.exec(path) : null;
    if (match) return act(actions, body, match.slice(1).map(decodeURIComponent));
  }
  return emptyAnswer(404);
}

type AdminRoute = (actions: AdminActions, body: Uint8Array, names: readonly string[]) => HttpAnswer;

const runByHand: AdminRoute = (actions, body, [name = ""]) => {
  const input = readInput(body);
  if (input === undefined) return emptyAnswer(400);
  return emptyAnswer(actions.runByHand(name, input) ? 202 : 404);
};

/** The real host makes up a value where none is sent; nothing here wants that. */
const setKey: AdminRoute = (actions, body, [functionName = "", keyName = ""]) => {
  const value = readKeyValue(body);
  if (value === undefined) return emptyAnswer(400);
  const isNew = actions.setFunctionKey(functionName, keyName, value);
  if (isNew === undefined) return emptyAnswer(404);
  return { ...json({ name: keyName, value }), status: isNew ? 201 : 200 };
};

const routes: readonly (readonly [method: string, path: RegExp, act: AdminRoute])[] = [
  ["GET", /^\/admin\/host\/status\/?$/i, (actions) => json(actions.status())],
  ["GET", /^\/admin\/functions\/?$/i, (actions) => json(actions.functions())],
  ["POST", /^\/admin\/functions\/([^/]+)\/?$/i, runByHand],
  ["PUT", /^\/admin\/functions\/([^/]+)\/keys\/([^/]+)\/?$/i, setKey],
];

function readKeyValue(body: Uint8Array): string | undefined {
  try {
    const { value } = JSON.parse(Buffer.from(body).toString()) as { value?: unknown };
    return typeof value === "string" && value !== "" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined when the body is not `{}`, `{"input": …}` or empty. */
function readInput(body: Uint8Array): string | undefined {
  if (body.length === 0) return "";
  try {
    const { input = "" } = JSON.parse(Buffer.from(body).toString()) as { input?: unknown };
    return typeof input === "string" ? input : JSON.stringify(input);
  } catch {
    return undefined;
  }
}

function json(value: object): HttpAnswer {
  return {
    status: 200,
    headers: { "content-type": "application/json; charset=utf-8" },
    body: Buffer.from(JSON.stringify(value)),
  };
}
