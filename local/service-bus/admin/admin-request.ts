import type { XmlElement } from "./xml.ts";
import type { AtomEntry } from "./atom.ts";

/** A call of the administration API, once it is authorized. */
export interface AdminRequest {
  readonly method: string;
  /** Decoded path segments: `orders`, `Subscriptions`, `audit`. */
  readonly path: readonly string[];
  /** The posted document. */
  readonly body: string;
  /** `If-Match: *`: the entity must be there. */
  readonly update: boolean;
  readonly page: Page;
}

export interface Page {
  readonly skip: number;
  readonly top: number;
}

export type AdminReply =
  | { readonly kind: "entry"; readonly status: 200 | 201; readonly entry: AtomEntry }
  | { readonly kind: "feed"; readonly entries: readonly AtomEntry[] }
  | { readonly kind: "done" };

/** A call that is refused. The sub-code is Azure's, in the text as Azure writes it. */
export class AdminError extends Error {
  readonly status: number;

  constructor(status: number, subCode: number, detail: string) {
    super(`SubCode=${subCode}. ${detail}`);
    this.name = "AdminError";
    this.status = status;
  }
}

export function missing(path: string): AdminError {
  return new AdminError(404, 40400, `The messaging entity '${path}' could not be found.`);
}

function conflict(path: string): AdminError {
  return new AdminError(409, 40900, `Conflict: the messaging entity '${path}' already exists.`);
}

export function badRequest(detail: string): AdminError {
  return new AdminError(400, 40000, `Bad Request. ${detail}`);
}

/** Whether a PUT creates or changes. @throws AdminError 409 or 404 when the entity is there, or is not, against it. */
export function decidePut(request: AdminRequest, exists: boolean): "create" | "update" {
  const path = request.path.join("/");
  if (exists && !request.update) throw conflict(path);
  if (!exists && request.update) throw missing(path);
  return exists ? "update" : "create";
}

/** The description in a PUT. @throws AdminError 400 */
export function requireElement(element: XmlElement | undefined, name: string): XmlElement {
  if (!element) throw badRequest(`The body holds no ${name}.`);
  return element;
}
