/** A promise with its two ends in hand. (`Promise.withResolvers` is not in the ES2023 library types.) */
export interface Deferred<Value = void> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: Error) => void;
}

export function createDeferred<Value = void>(): Deferred<Value> {
  let ends: Omit<Deferred<Value>, "promise"> | undefined;
  const promise = new Promise<Value>((resolve, reject) => {
    ends = { resolve, reject };
  });
  if (ends === undefined) throw new Error("a promise runs its executor at once");
  return { promise, ...ends };
}
