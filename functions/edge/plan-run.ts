import type { z } from "zod";
import { Failure, type FailureCode, type FailureDetail } from "../../model/failures.ts";
import { toTargetId } from "../../model/ids.ts";
import type { PackageManifest } from "../../model/package/manifest.ts";
import { toScriptDatabase } from "../../model/package/script-database.ts";
import { RunDocument, type RunPlan } from "../../model/run-document.ts";
import type { Target } from "../../model/target.ts";
import { isAllowed } from "../../model/targets/allow-list.ts";
import { parseCfg } from "../../model/targets/parse-cfg.ts";
import { parseTargets } from "../../model/targets/parse-targets.ts";
import type { TargetLine } from "../../model/targets/target-line.ts";
import { valueOf } from "./refuse.ts";

/** Bucket numbers and target ids are made for this many: 64 buckets of 2,000. */
const mostTargets = 128_000;
const mostDetails = 20;

/** @throws InvalidRequest, InvalidLimit, TrialNeedsPackageTransaction, StrictNeedsValidCertificate */
export function parseRunDocument(body: unknown): RunDocument {
  const parsed = RunDocument.safeParse(body);
  if (!parsed.success) throw toDocumentFailure(parsed.error.issues);
  const document = parsed.data;
  if (document.mode === "trial" && document.transaction !== "package") {
    throw new Failure(
      "TrialNeedsPackageTransaction",
      `A trial cannot roll back transaction '${document.transaction}'.`,
    );
  }
  const { encrypt, trustServerCertificate } = document.connection;
  if (encrypt === "strict" && trustServerCertificate) {
    throw new Failure(
      "StrictNeedsValidCertificate",
      "connection: encrypt 'strict' always validates the server's certificate, trustServerCertificate or not.",
    );
  }
  return document;
}

function toDocumentFailure(issues: readonly z.core.$ZodIssue[]): Failure {
  const details = issues
    .flatMap(toLeafIssues)
    .slice(0, mostDetails)
    .map((issue): FailureDetail => {
      const path = issue.path.join(".") || "the body";
      return { code: toIssueCode(issue), message: `${path}: ${issue.message}` };
    });
  const [first] = details;
  return new Failure(first?.code ?? "InvalidRequest", first?.message ?? "The run document is not valid.", {
    details,
  });
}

/** Of alternatives, what is wrong with the one that was meant: the one whose fields were sent. */
function toLeafIssues(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== "invalid_union") return [issue];
  const meant = issue.errors.find((branch) =>
    branch.every(({ code, path }) => code !== "unrecognized_keys" && path.length > 0),
  );
  if (!meant) return [issue];
  return meant.flatMap((inner) => toLeafIssues({ ...inner, path: [...issue.path, ...inner.path] }));
}

function toIssueCode(issue: z.core.$ZodIssue): FailureCode {
  const isLimit = /^(concurrency\.limit|compute\.(nodes|pods)|retry\.attempts|scriptTimeoutSeconds)$/;
  return isLimit.test(issue.path.join(".")) ? "InvalidLimit" : "InvalidRequest";
}

/** @throws NoTargets, TooManyTargets, DuplicateTarget, UntaggedTarget, ServerNotAllowed and what is wrong with a line */
export function parseRunTargets(document: RunDocument, allowList: readonly string[]): readonly Target[] {
  const { targets, concurrency } = document;
  const lines = valueOf("cfg" in targets ? parseCfg(targets.cfg) : parseTargets(targets.list));
  if (lines.length > mostTargets) throw new Failure("TooManyTargets", `${lines.length} targets were named.`);
  refuseLines(lines, "ServerNotAllowed", ({ server }) =>
    isAllowed(server, allowList) ? undefined : `Server '${server}' is outside the allow-list.`,
  );
  if (concurrency.type === "Tag" || concurrency.type === "MaxPerTag") {
    refuseLines(lines, "UntaggedTarget", ({ tag, server }) => (tag ? undefined : `'${server}' has no #tag.`));
  }
  return lines.map(({ line: _, ...target }, index) => ({
    id: toTargetId(index + 1),
    ...target,
    databases: [...target.databases],
  }));
}

/** Every script must have its place in every target before any database is touched. @throws ScriptWithoutDatabase */
export function checkScriptDatabases(manifest: PackageManifest, targets: readonly Target[]): void {
  // A fleet has one shape: a handful of different sets of defaults, whatever its size.
  const byDefaults = new Map(
    targets.map((target) => [JSON.stringify(target.databases.map((pair) => pair.default)), target]),
  );
  for (const target of byDefaults.values()) {
    for (const script of manifest.scripts) valueOf(toScriptDatabase(script, target.databases));
  }
}

function refuseLines(
  lines: readonly TargetLine[],
  code: FailureCode,
  check: (line: TargetLine) => string | undefined,
): void {
  const details: FailureDetail[] = [];
  for (const line of lines) {
    const message = check(line);
    if (message) details.push({ code, message, line: line.line });
    if (details.length === mostDetails) break;
  }
  const [first] = details;
  if (first) throw new Failure(code, `Line ${first.line ?? 0}: ${first.message}`, { details });
}

export function toRunPlan(document: RunDocument, manifest: PackageManifest): RunPlan {
  const { compute, concurrency, mode, transaction, retry, auth, connection, description } = document;
  const { scriptTimeoutSeconds } = document;
  return {
    package: { name: manifest.name ?? "", sha256: manifest.sha256 },
    ...{ compute, concurrency, mode, transaction, retry, auth, connection, description },
    // sbm skips what it has committed, changed or not; loose scripts are known by their path alone, which a script of
    // another release may have had: passing over that in silence would be reported as a success.
    changedScript: document.changedScript ?? (manifest.format === "sbm" ? "warn" : "fail"),
    ...(scriptTimeoutSeconds !== undefined && { scriptTimeoutSeconds }),
  };
}
