/** The HTTP API as a pipeline would call it. Knows nothing of the product's code. */
export interface Api {
  put(path: string, body: string | Uint8Array): Promise<Answer>;
  post(path: string, body: unknown): Promise<Answer>;
  get(path: string): Promise<Answer>;
  text(path: string): Promise<string>;
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** @throws Error with the call and the answer's error when it was refused. */
export function createApi(base: string, key: string): Api {
  const call = async (method: string, path: string, body?: string | Uint8Array): Promise<Response> => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: { "x-functions-key": key },
      ...(body !== undefined && { body: typeof body === "string" ? body : Buffer.from(body) }),
    });
    if (response.status >= 400) {
      throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    }
    return response;
  };
  const json = async (response: Promise<Response>): Promise<Answer> => {
    const { status } = await response;
    return { status, body: (await (await response).json()) as Answer["body"] };
  };
  return {
    put: (path, body) => json(call("PUT", path, body)),
    post: (path, body) => json(call("POST", path, JSON.stringify(body))),
    get: (path) => json(call("GET", path)),
    text: async (path) => (await call("GET", path)).text(),
  };
}
