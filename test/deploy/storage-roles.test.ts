import { describe, expect, it } from "vitest";
import { storageAssignments } from "../../local/storage/roles/assignments.ts";
import { isAllowed } from "../../local/storage/roles/is-allowed.ts";
import { toCondition } from "../../local/storage/roles/path-rules.ts";
import { roleDefinitions, type RoleName } from "../../local/storage/roles/role-definitions.ts";
import { RunId, TargetId } from "../../model/ids.ts";
import {
  packageFile,
  packagesContainer,
  runFile,
  runsContainer,
  stateContainer,
  stateFile,
} from "../../model/run-files.ts";
import { readBicep, readObject } from "./support/read-bicep.ts";

const { text } = await readBicep("modules/roles.bicep");

interface Line {
  readonly principal: string;
  readonly role: string;
  readonly scope: string;
  readonly condition: string | undefined;
}

function readLines(): readonly Line[] {
  const blocks = text.split(/^resource /m).filter((block) => block.includes("roleAssignments@"));
  return blocks.flatMap((block) => {
    const principal = /principalId: (\w+)PrincipalId\n/.exec(block)?.[1] ?? "?";
    const scope = /scope: ([\w:]+)/.exec(block)?.[1] ?? "?";
    const condition = /conditionVersion: '2.0'\n +condition: '''\n([^]*?)'''/.exec(block)?.[1];
    const roles = new Set([...block.matchAll(/\broles\.(storage\w+)/g)].map(([, role = ""]) => role));
    return [...roles].map((role) => ({
      principal,
      role,
      scope,
      condition: condition && onOneLine(condition),
    }));
  });
}

/** Parentheses hug what they enclose, as `toCondition` writes. */
const onOneLine = (condition: string): string =>
  condition.trim().replaceAll(/\s+/g, " ").replaceAll("( ", "(").replaceAll(" )", ")");

describe("the roles in Storage", () => {
  it("are in Azure what they are in the local stack, conditions included", () => {
    const local = storageAssignments.map(({ principal, role, account, container, rules }) => ({
      ...{ principal, role },
      scope: container === undefined ? `${account}Storage` : `${account}Storage::blobs::${container}`,
      condition: rules && toCondition(rules),
    }));
    expect(readLines()).toEqual(local);
  });

  it("have the ids the local stack knows them by", () => {
    const ids = [...readObject(text, "var roles").matchAll(/(storage\w+): '([0-9a-f-]{36})'/g)];
    const local = Object.keys(roleDefinitions).map((name) => [name, roleDefinitions[name as RoleName].id]);
    expect(ids.map(([, name, id]) => [name, id])).toEqual(local);
  });
});

describe("of the product's files a worker", () => {
  const run = RunId.parse("20260101-120000-abcdef");
  const sha256 = "0".repeat(64);
  const roles = storageAssignments.filter(({ principal }) => principal === "worker");
  const may = (kind: string, container: string, path: string) =>
    isAllowed(roles, [{ anyOf: [`blobServices/containers/blobs/${kind}`], container, path }]);
  const files: readonly (readonly [container: string, path: string, may: string])[] = [
    [packagesContainer, packageFile.content(sha256), "read"],
    [packagesContainer, packageFile.upload(sha256), ""],
    [packagesContainer, packageFile.manifest(sha256), ""],
    [packagesContainer, packageFile.name("release"), ""],
    [stateContainer, stateFile.plan(run), "read"],
    [stateContainer, stateFile.control(run), "read"],
    [stateContainer, stateFile.targets(run, 0), ""],
    [stateContainer, stateFile.result(run, 0, TargetId.parse("000001")), "read write"],
    [runsContainer, runFile.log(run, "server,1433", "tenant"), "read write"],
    [runsContainer, runFile.commitsLog(run), ""],
    [runsContainer, runFile.errorsLog(run), ""],
    [runsContainer, runFile.successCfg(run), ""],
    [runsContainer, runFile.failureCfg(run), ""],
    [runsContainer, runFile.summary(run), ""],
  ];

  it.each(files)("reaches %s/%s: %o", (container, path, expected) => {
    const allowed = ["read", "write", "add/action", "delete"].filter((kind) => may(kind, container, path));
    const withWrite = expected.replace("write", "write add/action delete");
    expect(allowed.join(" ")).toBe(withWrite);
  });
});
