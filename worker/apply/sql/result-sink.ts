/**
 * Where a statement's results go, in the order in which they come. Each call is done when it returns: nothing waits in
 * a queue, so what is read from the network is never ahead of what was taken.
 */
export interface ResultSink {
  /** A result set begins. */
  columns(names: readonly string[]): void;
  row(values: readonly unknown[]): void;
  /** A statement affected or returned this many rows. */
  rowsAffected(rows: number): void;
  /** PRINT, and RAISERROR below severity 11. */
  message(text: string): void;
}

/** Keeps everything in memory: for the product's own small answers. One array per row, sets one after the other. */
export function createRowCollector(): ResultSink & { readonly sets: readonly (readonly unknown[])[][] } {
  const sets: unknown[][][] = [];
  return {
    sets,
    columns: () => void sets.push([]),
    row: (values) => void sets.at(-1)?.push([...values]),
    rowsAffected: () => undefined,
    message: () => undefined,
  };
}
