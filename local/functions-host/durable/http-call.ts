/** What `callHttp` puts into its action (durable-functions, http/DurableHttpRequest). */
interface DurableHttpRequest {
  readonly method: string;
  readonly uri: string;
  readonly content?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly tokenSource?: unknown;
}

/**
 * Sends the request of a `callHttp`.
 * @param input JSON text of the request.
 * @returns JSON text of a DurableHttpResponse; an answer of 4xx or 5xx is an answer, not an error.
 */
export async function sendHttp(input: string): Promise<string> {
  const request = JSON.parse(input) as DurableHttpRequest;
  if (request.tokenSource != null) throw new Error("callHttp with a tokenSource is not imitated");
  const response = await fetch(request.uri, {
    method: request.method,
    headers: { ...request.headers },
    ...(request.content === undefined ? {} : { body: request.content }),
    redirect: "manual",
  });
  const headers = Object.fromEntries(response.headers);
  return JSON.stringify({ statusCode: response.status, headers, content: await response.text() });
}
