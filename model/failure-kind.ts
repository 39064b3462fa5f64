/**
 * One entry of the catalogue of failures.
 * status: HTTP answer when it happens at the edge. fault: who can mend it. retry: whether the same call or
 * attempt may work later without anybody changing anything.
 */
export interface FailureKind {
  readonly status: number;
  readonly fault: "caller" | "operator" | "package" | "database" | "sqlfleet";
  readonly retry: boolean;
  readonly help: string;
}

export const kind = (
  status: number,
  fault: FailureKind["fault"],
  help: string,
  { retry }: { retry: boolean } = { retry: false },
): FailureKind => ({ status, fault, retry, help });
export const again = { retry: true };
