import { access, constants, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAllDocuments, parseDocument } from "yaml";
import { root } from "../../local/root.ts";

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
