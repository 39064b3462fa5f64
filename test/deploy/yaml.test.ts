import { access, constants, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { HttpRequest } from "@azure/functions";
import { describe, expect, it } from "vitest";
import { parseAllDocuments, parseDocument } from "yaml";
import { parseCallback } from "../../functions/edge/parse-callback.ts";
import { parseRunDocument } from "../../functions/edge/plan-run.ts";
import { root } from "../../local/root.ts";
import { sampleAddress } from "../support/azure-devops.ts";

const read = (...path: string[]): Promise<string> => readFile(join(root, ...path), "utf8");

async function parse(...path: string[]): Promise<unknown> {
  const document = parseDocument(await read(...path), { strict: true });
  expect([...document.errors, ...document.warnings]).toEqual([]);
  return document.toJS();
}

const isProgram = (path: string): Promise<void> => access(join(root, path), constants.X_OK);

interface Hook {
  readonly shell: string;
  readonly run: string;
}

describe("azure.yaml", () => {
  it("deploys the Function App from what its hook stages", async () => {
    const project = (await parse("azure.yaml")) as {
      readonly infra: { readonly path: string; readonly module: string };
      readonly services: { readonly api: { readonly dist: string; readonly hooks: Record<string, Hook> } };
      readonly hooks: Record<string, Hook>;
    };
    const { infra, services, hooks } = project;
    await access(join(root, infra.path, `${infra.module}.bicep`));
    expect(await read("deploy", "hooks", "stage-function-app.sh")).toContain(`stage=${services.api.dist}\n`);
    for (const { run } of Object.values({ ...hooks, ...services.api.hooks })) await isProgram(run);
    expect(await read("deploy", "modules", "function-app.bicep")).toContain("'azd-service-name': 'api'");
  });
});

interface Step {
  readonly [kind: string]: unknown;
  readonly env?: Readonly<Record<string, string>>;
}

describe("the pipeline samples", () => {
  it.each([
    ["Azure Pipelines", "azure-pipelines-poll.yml", "bash"],
    ["GitHub Actions", "github-actions.yml", "run"],
  ])("of %s start the script with everything it asks for", async (_, file, kind) => {
    const { jobs } = (await parse("deploy", "pipelines", file)) as {
      readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
    };
    const steps = Object.values(jobs).flatMap((job) => job.steps);
    const step = steps.find((each) => typeof each[kind] === "string");
    expect(step?.[kind]).toBe('deploy/pipelines/run-package.sh "$PACKAGE" "$PACKAGE_FILE" "$TARGETS"');
    await isProgram("deploy/pipelines/run-package.sh");
    const variables = Object.keys(step?.env ?? {});
    const needed = ["PACKAGE", "PACKAGE_FILE", "TARGETS", "SQLFLEET_URL", "SQLFLEET_KEY", "SQLFLEET_OPTIONS"];
    expect(needed.filter((name) => !variables.includes(name))).toEqual([]);
  });
});

describe("the sample with a server job", () => {
  it("asks for the callback in a way that is taken", async () => {
    const { jobs } = (await parse("deploy", "pipelines", "azure-pipelines-server-job.yml")) as {
      readonly jobs: readonly { readonly pool: unknown; readonly steps: readonly ServerStep[] }[];
    };
    const [step] = jobs.find(({ pool }) => pool === "server")?.steps ?? [];
    const { headers, body, waitForCompletion } = step!.inputs;
    expect([step!.task, waitForCompletion]).toEqual(["InvokeRESTAPI@1", "true"]);
    const request = new HttpRequest({
      method: "POST",
      url: "http://localhost/api/runs",
      headers: JSON.parse(fillIn(headers)) as Record<string, string>,
    });
    expect(parseCallback(request, ["https://dev.azure.com/"])).toEqual({
      address: sampleAddress("https://dev.azure.com/fabrikam/"),
      token: "token",
    });
    expect(parseRunDocument(JSON.parse(fillIn(body)))).toMatchObject({
      package: "release-42",
      callback: true,
    });
  });
});

interface ServerStep {
  readonly task: string;
  readonly inputs: { readonly headers: string; readonly body: string; readonly waitForCompletion: string };
}

/** Variables as Azure Pipelines puts them in. */
function fillIn(text: string): string {
  const { planUrl, projectId, hubName, planId, jobId, timelineId, taskInstanceId } = sampleAddress(
    "https://dev.azure.com/fabrikam/",
  );
  const values: Readonly<Record<string, string | undefined>> = {
    "system.CollectionUri": planUrl,
    "system.TeamProjectId": projectId,
    "system.HostType": hubName,
    "system.PlanId": planId,
    "system.JobId": jobId,
    "system.TimelineId": timelineId,
    "system.TaskInstanceId": taskInstanceId,
    "system.AccessToken": "token",
    SQLFLEET_KEY: "key",
    package: "release-42",
  };
  return text.replaceAll(/\$\(([\w.]+)\)/g, (whole, name: string) => values[name] ?? whole);
}

describe("the cluster's manifests", () => {
  it("are objects of the namespace that main.bicep names", async () => {
    const names = await readdir(join(root, "deploy", "kubernetes"));
    const texts = await Promise.all(names.map((name) => read("deploy", "kubernetes", name)));
    const objects = texts
      .flatMap((text) => parseAllDocuments(text, { strict: true }))
      .map((document) => document.toJS() as { kind: string; metadata: { name: string; namespace?: string } });
    expect(objects.map(({ kind }) => kind).sort()).toEqual(["Namespace", "Role", "RoleBinding"]);
    const namespaces = objects.map(({ metadata }) => metadata.namespace ?? metadata.name);
    expect(await read("deploy", "main.bicep")).toContain(
      `param kubernetesNamespace string = '${namespaces[0] ?? ""}'`,
    );
    expect(new Set(namespaces).size).toBe(1);
  });
});
