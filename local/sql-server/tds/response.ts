import type { ResultSink, SqlColumn, SqlMessage, SqlType, SqlValue } from "../session.ts";
import { writeDatabaseChange, writeResetDone, writeTransactionChange } from "./env-change.ts";
import type { MessageWriter } from "./message-writer.ts";
import { type ReturnValue, writeReturnValue } from "./return-value.ts";
import { rowWriter, writeColumns } from "./rows.ts";
import { Done, DoneStatus, type DoneToken, writeDone, writeMessage, writeReturnStatus } from "./tokens.ts";
import type { TransactionDescriptors } from "./transaction-descriptors.ts";

/** From this severity on the server ends the connection. */
const FATAL_CLASS = 20;

export interface ResponseOptions {
  readonly serverName: string;
  readonly descriptors: TransactionDescriptors;
}

interface PendingDone extends DoneToken {
  /** An error was told, and the statement may still say that it ended. */
  readonly open: boolean;
}

/**
 * Turns what the engine reports into tokens. A DONE waits until the next token, because it must say whether
 * more follows.
 */
export class Response implements ResultSink {
  readonly #message: MessageWriter;
  readonly #options: ResponseOptions;
  #pending: PendingDone | undefined;
  #doneKind: number = Done.statement;
  #writeRow: ReturnType<typeof rowWriter> | undefined;
  #select = false;
  #status: number | undefined;
  #errorNumber = 0;
  #outputs: ReturnValue[] = [];
  #parameterNames: readonly string[] = [];
  #fatal = false;
  #abandoned = false;

  constructor(message: MessageWriter, options: ResponseOptions) {
    this.#message = message;
    this.#options = options;
  }

  /** An error of severity 20 or more was told: the connection ends after this response. */
  get fatal(): boolean {
    return this.#fatal;
  }

  columns(columns: readonly SqlColumn[]): void {
    if (this.#abandoned) return;
    this.#more();
    writeColumns(this.#message.tokens, columns);
    this.#writeRow = rowWriter(columns);
    this.#select = true;
  }

  row(values: readonly SqlValue[]): Promise<void> | undefined {
    if (this.#abandoned) return undefined;
    this.#writeRow?.(this.#message.tokens, values);
    return this.#message.relieve();
  }

  done(rows: number | undefined): void {
    if (this.#abandoned) return;
    const failed = this.#pending?.open === true ? DoneStatus.error : 0;
    if (failed === 0) this.#more();
    this.#pending = { kind: this.#doneKind, status: failed, rows, select: this.#select, open: false };
    this.#select = false;
  }

  info(message: SqlMessage): void {
    if (this.#abandoned) return;
    this.#closeStatement();
    writeMessage(this.#message.tokens, "info", message, this.#options.serverName);
  }

  error(message: SqlMessage): void {
    if (this.#abandoned) return;
    this.#closeStatement();
    writeMessage(this.#message.tokens, "error", message, this.#options.serverName);
    this.#errorNumber = message.number;
    this.#fatal ||= message.class >= FATAL_CLASS;
    const status = DoneStatus.error | (this.#fatal ? DoneStatus.fatal : 0);
    this.#pending = { kind: this.#doneKind, status, rows: undefined, select: this.#select, open: true };
  }

  /** In a batch, no client can ask for it. */
  returnStatus(value: number): void {
    this.#status = value;
  }

  outputParameter(name: string, type: SqlType, value: SqlValue): void {
    const ordinal = Math.max(0, this.#parameterNames.indexOf(name.toLowerCase()));
    this.#outputs.push({ ordinal, name, type, value });
  }

  databaseChanged(from: string, to: string): void {
    this.#more();
    writeDatabaseChange(this.#message.tokens, to, from);
    const message = `Changed database context to '${to}'.`;
    this.info({ number: 5701, class: 0, state: 2, message, line: 1, procedure: "" });
  }

  transactionChanged(change: "began" | "committed" | "rolledBack"): void {
    this.#more();
    writeTransactionChange(this.#message.tokens, change, this.#options.descriptors.after(change));
  }

  resetDone(): void {
    writeResetDone(this.#message.tokens);
  }

  beginProcedure(parameterNames: readonly string[]): void {
    this.#doneKind = Done.inProcedure;
    this.#parameterNames = parameterNames.map((name) => name.toLowerCase());
    this.#status = undefined;
    this.#errorNumber = 0;
    this.#outputs = [];
  }

  /** Without a status of its own, a procedure that failed answers its error's number. */
  endProcedure(): void {
    if (this.#abandoned) return;
    this.#more();
    const { tokens } = this.#message;
    writeReturnStatus(tokens, this.#status ?? this.#errorNumber);
    for (const output of this.#outputs) writeReturnValue(tokens, output);
    const status = this.#errorNumber === 0 ? 0 : DoneStatus.error;
    this.#pending = { kind: Done.procedure, status, rows: undefined, select: false, open: false };
  }

  /** The client gave the request up: the rest of its results is not sent, state changes still are. */
  abandon(): void {
    this.#abandoned = true;
  }

  /** Ends the message: the last DONE says that no more follows. */
  end(): void {
    const none: DoneToken = { kind: Done.statement, status: 0, rows: undefined, select: false };
    const last = this.#abandoned ? { ...none, status: DoneStatus.error } : (this.#pending ?? none);
    writeDone(this.#message.tokens, last);
    this.#message.end();
  }

  /** A message after an error belongs to the same statement ("The statement has been terminated."). */
  #closeStatement(): void {
    if (this.#pending?.open !== true) this.#more();
  }

  #more(): void {
    if (this.#pending === undefined) return;
    const { tokens } = this.#message;
    writeDone(tokens, { ...this.#pending, status: this.#pending.status | DoneStatus.more });
    this.#pending = undefined;
  }
}
