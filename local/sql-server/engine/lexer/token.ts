export type TokenKind = "word" | "quoted" | "string" | "number" | "binary" | "variable" | "operator" | "end";

/** One lexical unit of a batch. `end` is the offset after its last character. */
export interface Token {
  readonly kind: TokenKind;
  /** As written. */
  readonly text: string;
  /** Words in upper case, quoted identifiers and strings without their quotes, operators as they are. */
  readonly value: string;
  /** Counted from 1 within the batch. */
  readonly line: number;
  readonly start: number;
  readonly end: number;
}
