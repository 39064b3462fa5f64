import type { RunId } from "../../model/ids.ts";
import type { PackageManifest } from "../../model/package/manifest.ts";
import type { RunPlan } from "../../model/run-document.ts";
import type { Target, TargetOutcome } from "../../model/target.ts";
import { isAllowed } from "../../model/targets/allow-list.ts";
import { parseServerAddress, type ServerAddress } from "../../model/targets/server-address.ts";
import { applyDatabase } from "./apply-database.ts";
import type { AttemptLog, DatabaseJob } from "./attempt.ts";
import { type DatabasePlan, planDatabases } from "./plan-databases.ts";
import type { PreparedScript } from "./prepare-package.ts";
import { redactLogin } from "./redact-login.ts";
import type { Connect, SqlAuth } from "./sql/connect.ts";
import { type EndedDatabase, toOutcome, toRefusedOutcome } from "./to-outcome.ts";

/** What is the same for all targets of a run. */
export interface ApplyContext {
  readonly runId: RunId;
  readonly workerId: string;
  readonly plan: RunPlan;
  readonly manifest: PackageManifest;
  readonly scripts: readonly PreparedScript[];
  readonly auth: SqlAuth;
  /** Patterns of servers that may get the fleet's credentials. */
  readonly allowedServers: readonly string[];
  /** Milliseconds to wait for another runner of the same database; default 30,000. */
  readonly lockTimeout?: number;
  readonly connect: Connect;
}

/** One delivery of one target. */
export interface TargetTask {
  readonly target: Target;
  /** Tries of earlier deliveries of the same message. */
  readonly earlierTries: number;
  readonly signal: AbortSignal;
  /** Whether the target is still this worker's: asked last thing before COMMIT. */
  readonly mayCommit: () => boolean;
  /** The same, by asking whoever gave the target out: asked once the database is locked. Never rejects. */
  readonly confirm: () => Promise<boolean>;
  /** The log of one of the target's databases. */
  readonly logFor: (database: string) => AttemptLog;
}

const defaultLockTimeout = 30_000;
const product = "sqlfleet 0.1";

/** Applies the package to a target's databases, in order; the first that does not succeed ends it. Never throws. */
export async function applyTarget(context: ApplyContext, task: TargetTask): Promise<TargetOutcome> {
  const startedAt = new Date().toISOString();
  const times = () => ({ startedAt, endedAt: new Date().toISOString(), earlierTries: task.earlierTries });
  const names = task.target.databases.map(({ override }) => override);
  const refused = (code: string, message: string): TargetOutcome =>
    toRefusedOutcome(names, { code, message }, times());

  const { server } = task.target;
  const address = parseServerAddress(server);
  if (!address.ok || !isAllowed(server, context.allowedServers)) {
    return refused("ServerNotAllowed", `'${server}' is not among the servers this worker may log in to.`);
  }
  const plans = planDatabases(context.scripts, task.target.databases);
  if (!plans.ok) return refused("ScriptWithoutDatabase", plans.failures[0]?.message ?? "");

  const ended: EndedDatabase[] = [];
  for (const plan of plans.value) {
    const isOver = ended.some(({ end }) => end === undefined || end.state === "ended");
    const end = isOver ? undefined : await applyOne(context, task, plan, address.value);
    ended.push({ name: plan.name, end });
  }
  return redactLogin(toOutcome(ended, times()), context.auth);
}

async function applyOne(
  context: ApplyContext,
  task: TargetTask,
  plan: DatabasePlan,
  server: ServerAddress,
): Promise<EndedDatabase["end"]> {
  if (plan.scripts.length === 0) return { state: "alreadyApplied", tries: 1 };
  const log = task.logFor(plan.name);
  const end = await applyDatabase(toJob(context, task, plan, { server, log }), context.plan.retry.attempts);
  log.note(`Ended: ${end.state === "ended" ? end.fault.message : end.state}`);
  return end;
}

function toJob(
  context: ApplyContext,
  task: TargetTask,
  plan: DatabasePlan,
  where: { readonly server: ServerAddress; readonly log: AttemptLog },
): DatabaseJob {
  const { runId, workerId, manifest } = context;
  return {
    login: { server: where.server, database: plan.name, auth: context.auth, ...context.plan.connection },
    scripts: plan.scripts,
    mode: context.plan.mode,
    transaction: context.plan.transaction,
    changedScript: context.plan.changedScript,
    key: { runId, targetId: task.target.id, workerId, packageHash: manifest.sha256 },
    context: {
      buildFileName: context.plan.package.name,
      buildProjectHash: manifest.legacySha1,
      buildRequestedBy: `sqlfleet run ${runId}`,
      runWithVersion: product,
      targetDatabase: plan.name,
      description: context.plan.description,
    },
    log: where.log,
    signal: task.signal,
    mayCommit: task.mayCommit,
    confirm: task.confirm,
    lockTimeout: context.lockTimeout ?? defaultLockTimeout,
    connect: context.connect,
  };
}
