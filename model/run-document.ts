import { z } from "zod";
import { Sha256 } from "./ids.ts";

const positive = (most: number): z.ZodInt => z.int().min(1).max(most);

const DatabasePair = z.strictObject({
  default: z.string().default("").describe("Database name the scripts were written for; empty = any."),
  override: z.string().min(1).describe("Database on the server that takes the default's place."),
});

const Targets = z
  .union([
    z.strictObject({ cfg: z.string().describe("Lines of an sbm .cfg file: server:default,override#tag") }),
    z.strictObject({
      list: z.array(
        z.strictObject({
          server: z.string().min(1),
          databases: z.array(DatabasePair).min(1),
          tag: z.string().optional(),
        }),
      ),
    }),
  ])
  .describe("The databases to change, in order.");

const Compute = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("batch"),
      nodes: positive(1_000).default(3).describe("Azure Batch nodes, one worker each."),
    }),
    z.strictObject({
      kind: z.literal("kubernetes"),
      pods: positive(1_000).default(3).describe("Pods of the run's Job, one worker each."),
    }),
  ])
  .describe("Where the workers run.");

const Connection = z
  .strictObject({
    encrypt: z
      .enum(["mandatory", "strict"])
      .default("mandatory")
      .describe(
        "mandatory: encryption is agreed on, then all is encrypted (TDS 7.4). strict: TLS from the first byte (TDS 8.0, " +
          "SQL Server 2022 and Azure SQL), which servers set to Force Strict Encryption ask for.",
      ),
    trustServerCertificate: z
      .boolean()
      .default(false)
      .describe(
        "true: the link is encrypted, but the server's certificate is not validated. Not with encrypt strict.",
      ),
  })
  .describe("How workers connect to SQL Server; always encrypted.");

/** Also of plans written before there was a choice. */
const defaultConnection = { encrypt: "mandatory", trustServerCertificate: false } as const;

const ChangedScript = z.enum(["fail", "warn", "run"]);

const Concurrency = z
  .strictObject({
    type: z
      .enum(["Count", "Server", "MaxPerServer", "Tag", "MaxPerTag"])
      .default("Count")
      .describe(
        "Server, Tag: one target at a time of each, in the whole fleet. Tag types need a tag on every target.",
      ),
    limit: positive(1_000)
      .default(10)
      .describe(
        "Count, Server, Tag: targets at once in one worker. MaxPerServer, MaxPerTag: at once of each, in the whole fleet.",
      ),
  })
  .describe("How many targets are worked on at once.");

/** What a caller posts to start a run. Published as JSON Schema at `GET /api/schemas/run`. */
export const RunDocument = z
  .strictObject({
    package: z
      .union([z.string().min(1).max(200), z.strictObject({ sha256: Sha256 })])
      .describe("A package's name (its newest content) or its SHA-256."),
    targets: Targets,
    compute: Compute.default({ kind: "batch", nodes: 3 }),
    concurrency: Concurrency.default({ type: "Count", limit: 10 }),
    mode: z
      .enum(["commit", "trial"])
      .default("commit")
      .describe("trial: run every script, then roll everything back."),
    transaction: z
      .enum(["package", "script", "none"])
      .default("package")
      .describe("What one transaction spans in a database."),
    scriptTimeoutSeconds: positive(86_400)
      .optional()
      .describe("Replaces every script's own timeout, per batch; absent: each script's own holds."),
    changedScript: ChangedScript.optional().describe(
      "A run-once script that was committed in a database with another text. fail: refuse the target; warn: skip the " +
        "script and say so in the log; run: run it again. Absent: warn for .sbm packages, as sbm does, else fail.",
    ),
    retry: z
      .strictObject({
        attempts: positive(10).default(3).describe("Tries per target; only transient errors."),
      })
      .default({ attempts: 3 }),
    auth: z
      .strictObject({ kind: z.enum(["Password", "ManagedIdentity"]) })
      .default({ kind: "Password" })
      .describe("How workers log in to SQL Server."),
    connection: Connection.default(defaultConnection),
    callback: z
      .boolean()
      .default(false)
      .describe(
        "true: a server job of Azure Pipelines waits for the run's end; where it waits is in the headers of its call.",
      ),
    description: z.string().max(500).default("").describe("Free text; fills #BuildDescription#."),
  })
  .describe("One package against one list of targets.");
export type RunDocument = z.infer<typeof RunDocument>;

/** The run document as the run keeps it: the package resolved to its content, the targets in files of their own. */
export const RunPlan = z.object({
  package: z.object({ name: z.string(), sha256: Sha256 }),
  compute: Compute,
  concurrency: Concurrency,
  mode: RunDocument.shape.mode.unwrap(),
  transaction: RunDocument.shape.transaction.unwrap(),
  scriptTimeoutSeconds: z.int().optional(),
  // The defaults are for plans written before these were choices.
  changedScript: ChangedScript.default("warn"),
  retry: z.object({ attempts: z.int() }),
  auth: z.object({ kind: z.enum(["Password", "ManagedIdentity"]) }),
  connection: Connection.default(defaultConnection),
  description: z.string(),
});
export type RunPlan = z.infer<typeof RunPlan>;
