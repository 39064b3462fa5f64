import { accessFailures } from "./access-failures.ts";
import { callbackFailures } from "./callback-failures.ts";
import { computeFailures } from "./compute-failures.ts";
import { again, type FailureKind, kind } from "./failure-kind.ts";

/** The catalogue of everything that can go wrong and be said so. `docs/failures.md` is made from it. */
export const failures = {
  // requests
  InvalidJson: kind(400, "caller", "Send a JSON body (Content-Type: application/json)."),
  InvalidRequest: kind(400, "caller", "Compare the body with the schema: GET /api/schemas/run."),
  UnknownRoute: kind(404, "caller", "See the table of calls in the README."),
  BodyTooLarge: kind(413, "caller", "Send a smaller body; limits are in docs/failures.md."),
  InvalidCursor: kind(400, "caller", "Pass the cursor of the last answer unchanged, or none."),
  // secrets
  UnknownSecret: kind(400, "caller", "Use the documented secret names: GET /api/secrets lists them."),
  InvalidSecretValue: kind(
    400,
    "caller",
    "A secret's value is a non-empty text of at most 25,000 characters.",
  ),
  SecretMissing: kind(
    503,
    "operator",
    "Store the named secret with PUT /api/secrets, then repeat the call.",
    again,
  ),
  SecretForbidden: kind(
    503,
    "operator",
    "Grant the identity the Key Vault role; a new role assignment may take 15 minutes to work.",
    again,
  ),
  ...accessFailures,
  ...callbackFailures,
  // packages
  NotAPackage: kind(400, "caller", "Upload a .sbm, a .zip of .sql files, or one .sql file."),
  PackageEmpty: kind(
    400,
    "caller",
    "Nothing was sent, or no script has anything to run; send the file's bytes (curl: --data-binary @file).",
  ),
  PackageIsProjectOnly: kind(400, "caller", "Pack the .sbx together with its scripts as .sbm."),
  PackageWithoutScripts: kind(400, "package", "Put at least one script into the package."),
  ProjectXmlMalformed: kind(400, "package", "Mend SqlSyncBuildProject.xml at the named line."),
  ProjectXmlUnknown: kind(400, "package", "The XML is not an sbm project (SqlSyncBuildData)."),
  ProjectXmlWithDtd: kind(400, "package", "Remove the DOCTYPE: DTDs and entities are refused."),
  ManifestInvalid: kind(
    400,
    "package",
    "Mend package.yaml at the named place; docs/packages.md describes it, docs/package.schema.json is its schema.",
  ),
  ZipBomb: kind(
    400,
    "package",
    "The archive unpacks to far more than it holds; make it anew from the scripts.",
  ),
  ZipCompressionUnsupported: kind(400, "package", "Pack with the method Deflate or Store."),
  ZipDamaged: kind(400, "package", "The archive cannot be read; make it anew."),
  ZipDuplicateName: kind(
    400,
    "package",
    "Give every file its own name; in a .sbm only the last path part counts, and case does not.",
  ),
  ZipEncrypted: kind(400, "package", "Pack without a password."),
  ZipTooManyEntries: kind(400, "package", "An archive holds at most 10,000 files."),
  ZipUnsafePath: kind(400, "package", "Pack with relative paths, without '..'."),
  ScriptAttributeInvalid: kind(400, "package", "Mend the named attribute of the script in the project XML."),
  ScriptIdDuplicate: kind(400, "package", "Give every script its own ScriptId."),
  ScriptMissing: kind(400, "package", "The project names a script that is not in the archive."),
  ScriptNotListed: kind(400, "package", "List the script in package.yaml, or leave it out of the zip."),
  ScriptNotText: kind(400, "package", "Save the script as UTF-8, or UTF-16 with a byte-order mark."),
  UnknownPackage: kind(
    404,
    "caller",
    "Upload it with PUT /api/packages/{name}, or check the name or SHA-256.",
  ),
  InvalidPackageName: kind(400, "caller", "A package name is 1 to 200 letters, digits, '.', '_' and '-'."),
  PackageTooLarge: kind(413, "caller", "A package is at most 50 MB as uploaded and 256 MB unpacked."),
  // runs
  NoTargets: kind(400, "caller", "Name at least one target."),
  TooManyTargets: kind(400, "caller", "A run takes up to 128,000 targets; split the list."),
  ServerAddressInvalid: kind(
    400,
    "caller",
    "A server is host, host,port, host:port, tcp:host,port or host\\instance.",
  ),
  TargetColonMissing: kind(400, "caller", "A .cfg line is server:default,override."),
  TargetDatabaseMissing: kind(400, "caller", "Name a database after the colon: server:default,override."),
  TargetDefaultRepeated: kind(400, "caller", "Each default database stands once on a line."),
  TargetNameInvalid: kind(
    400,
    "caller",
    "Names have at most 128 characters: none of ; # in them, no : or , in databases, no quotes or spaces around.",
  ),
  TargetServerMissing: kind(400, "caller", "Put the server before the colon: server:default,override."),
  DuplicateTarget: kind(400, "caller", "Name each server and database once."),
  UntaggedTarget: kind(400, "caller", "Concurrency types Tag and MaxPerTag need a #tag on every target."),
  InvalidLimit: kind(400, "caller", "Limits are whole numbers from 1 up."),
  TrialNeedsPackageTransaction: kind(400, "caller", "mode trial goes with transaction package only."),
  StrictNeedsValidCertificate: kind(
    400,
    "caller",
    "Leave connection.trustServerCertificate out and have the nodes trust the server's authority, or set connection.encrypt to mandatory.",
  ),
  TrialCannotRollBack: kind(
    400,
    "package",
    "Take the named statements out, set stripTransactionText for COMMIT and ROLLBACK, or run with mode commit.",
  ),
  ServerNotAllowed: kind(
    403,
    "caller",
    "Add the server to the setting SQL_SERVER_ALLOW_LIST, or mend the target.",
  ),
  UnknownRun: kind(404, "caller", "GET /api/runs lists the runs."),
  UnknownFile: kind(404, "caller", "GET /api/runs/{id}/logs lists the run's files."),
  RunAlreadyEnded: kind(409, "caller", "A run that ended cannot be changed; start another."),
  // midway
  InternalError: kind(500, "sqlfleet", "Look for the id in the Function App's log, and report it."),
  ServiceUnavailable: kind(503, "operator", "A service sqlfleet needs did not answer; try again.", again),
  RunInterrupted: kind(
    500,
    "operator",
    "The orchestration was terminated or failed; targets tell how far it came. Run failure.cfg again.",
  ),
  ComputeFailed: kind(
    503,
    "operator",
    "The workers' machines failed as the message says: look at the Batch account or the cluster. Targets not done are listed in failure.cfg.",
    again,
  ),
  ...computeFailures,
  PoolNotReady: kind(503, "operator", "See the pool in the Batch account: quota, image, nodes.", again),
  // one target
  SqlFailed: kind(500, "package", "SQL Server refused a statement; the database was rolled back."),
  SqlTransient: kind(
    500,
    "database",
    "A transient error went on for every attempt; run the target again.",
    again,
  ),
  SqlTimeout: kind(
    500,
    "package",
    "A batch ran longer than its timeout and was cancelled; raise it, or mend the script.",
    again,
  ),
  SqlLoginFailed: kind(
    500,
    "operator",
    "Check the secrets UserName and Password, and the login on the server.",
  ),
  SqlTokenMissing: kind(
    500,
    "operator",
    "Give the nodes their user-assigned identity, and name it in the worker's settings (AZURE_CLIENT_ID).",
    again,
  ),
  SqlUnreachable: kind(
    500,
    "operator",
    "Check the server's name, its firewall and the network of the nodes. A server set to Force Strict Encryption resets connections that are not: run with connection.encrypt strict.",
    again,
  ),
  DatabaseUnavailable: kind(500, "operator", "Check that the database exists, is online and writable."),
  DatabaseReadOnly: kind(
    500,
    "operator",
    "Name the primary, not a read-only replica; or set the database to READ_WRITE.",
  ),
  PermissionMissing: kind(
    500,
    "operator",
    "Grant the login SELECT, INSERT and UPDATE on dbo.SqlBuild_Logging and dbo.SqlFleet_Journal (db_datareader and db_datawriter hold them); where they are still to be made, CREATE TABLE and ALTER on schema dbo, too (db_ddladmin).",
  ),
  ScriptChanged: kind(
    500,
    "package",
    "A run-once script was committed here with another text. Give the change a script of its own; or choose changedScript warn (skip it) or run (run it again).",
  ),
  DatabaseBusy: kind(
    500,
    "database",
    "Another runner holds the database; run the target again later.",
    again,
  ),
  ScriptWithoutDatabase: kind(
    400,
    "caller",
    "A script's default database is not among the target's pairs; add 'default,override' to the target.",
  ),
  CommitUnknown: kind(
    500,
    "database",
    "The connection was lost at COMMIT and the journal could not be read; look at the database.",
    again,
  ),
  RunCancelled: kind(
    500,
    "caller",
    "The run was cancelled before this target was done; nothing was changed.",
  ),
  PoisonMessage: kind(500, "sqlfleet", "The message could not be read; it is in the dead-letter queue."),
  TargetLost: kind(
    500,
    "operator",
    "No worker reported how the target ended, in no round, or before the run was cancelled; look at the database's journal.",
  ),
  WorkerFailed: kind(
    500,
    "sqlfleet",
    "The worker could not start or broke; see its log under the run's logs.",
    again,
  ),
} as const satisfies Readonly<Record<string, FailureKind>>;

export type FailureCode = keyof typeof failures;

/** One shape for everything that is answered or recorded as gone wrong. */
export interface FailureReport {
  readonly code: FailureCode;
  readonly message: string;
  readonly help: string;
  /** When several things are wrong at once: each of them. */
  readonly details?: readonly FailureDetail[];
}

export interface FailureDetail {
  readonly code: FailureCode;
  readonly message: string;
  /** 1-based, in the text that was sent. */
  readonly line?: number;
}

/** A failure with its code from the catalogue. The message says what happened here, without any secret. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly code: FailureCode;
  readonly details: readonly FailureDetail[];

  constructor(
    code: FailureCode,
    message: string,
    options: ErrorOptions & { readonly details?: readonly FailureDetail[] } = {},
  ) {
    super(message, options);
    this.code = code;
    this.details = options.details ?? [];
  }

  get status(): number {
    return failures[this.code].status;
  }

  toReport(): FailureReport {
    const { code, message, details } = this;
    return { code, message, help: failures[code].help, ...(details.length > 0 && { details }) };
  }
}

export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  return new Failure("InternalError", error instanceof Error ? error.message : String(error), {
    cause: error,
  });
}
