import { makeInformer, PatchStrategy, type V1ConfigMap, Watch } from "@kubernetes/client-node";
import { describe, expect, test } from "vitest";
import { asPatch, eventually, type KubernetesSubject, newName, toClients } from "./kubernetes-subject.ts";

/** What the product and its operators use of Kubernetes, against any API server. */
export function describeKubernetes(name: string, open: () => KubernetesSubject): void {
  const subject = () => toClients(open());
  const createMap = (body: object, namespace = subject().namespace) =>
    subject().core.createNamespacedConfigMap({ namespace, body });

  describe(`Kubernetes objects: ${name}`, () => {
    test("are made, read, listed by label, changed and deleted", async () => {
      const { core, namespace } = subject();
      const [named, label] = [newName(), newName()];
      const body = { metadata: { name: named, labels: { test: label } }, data: { a: "1" } };
      const made = await createMap(body);
      expect(made.metadata?.uid).toMatch(/^[0-9a-f-]{36}$/);
      expect(made.metadata?.creationTimestamp).toBeInstanceOf(Date);
      const listed = await core.listNamespacedConfigMap({ namespace, labelSelector: `test in (${label},x)` });
      expect(listed.items.map(({ metadata }) => metadata?.name)).toEqual([named]);
      const none = await core.listNamespacedConfigMap({ namespace, labelSelector: `test=${label},!test` });
      expect(none.items).toEqual([]);
      const changed = await core.patchNamespacedConfigMap(
        { namespace, name: named, body: { data: { a: null, b: "2" } } },
        asPatch(PatchStrategy.MergePatch),
      );
      expect(changed.data).toEqual({ b: "2" });
      const replaced = await core.patchNamespacedConfigMap({
        ...{ namespace, name: named, body: [{ op: "replace", path: "/data/b", value: "3" }] },
      });
      expect(replaced.data).toEqual({ b: "3" });
      await core.deleteNamespacedConfigMap({ namespace, name: named });
      await expect(core.readNamespacedConfigMap({ namespace, name: named })).rejects.toMatchObject({
        code: 404,
      });
    });

    test("that are there already, or were changed in between, are conflicts", async () => {
      const { core, namespace } = subject();
      const body = { metadata: { name: newName() }, data: { a: "1" } };
      const made = await createMap(body);
      const again = createMap(body);
      await expect(again).rejects.toMatchObject({
        code: 409,
        body: expect.stringContaining("AlreadyExists"),
      });
      const name = body.metadata.name;
      const replace = (value: string) => {
        made.data = { a: value };
        return core.replaceNamespacedConfigMap({ namespace, name, body: made });
      };
      await replace("2");
      const late = replace("3");
      await expect(late).rejects.toMatchObject({ code: 409, body: expect.stringContaining('"Conflict"') });
      await core.deleteNamespacedConfigMap({ namespace, name });
    });

    test("that break a rule are refused, with the field", async () => {
      const named = createMap({ metadata: { name: "Not_A_Name" } });
      await expect(named).rejects.toMatchObject({
        code: 422,
        body: expect.stringContaining("metadata.name"),
      });
    });

    test("of a namespace that is not there are not found", async () => {
      const made = createMap({ metadata: { name: "a" } }, newName());
      await expect(made).rejects.toMatchObject({
        code: expect.toSatisfy((code) => [403, 404].includes(code as number)),
      });
    });
  });

  describe(`Kubernetes server-side apply: ${name}`, () => {
    const apply = (named: string, data: object, fieldManager: string, force = false) => {
      const { core, namespace } = subject();
      const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: named }, data };
      return core.patchNamespacedConfigMap(
        { namespace, name: named, body, fieldManager, force },
        asPatch(PatchStrategy.ServerSideApply),
      );
    };

    test("makes what is not there, and the same again changes nothing", async () => {
      const named = newName();
      const first = await apply(named, { a: "1" }, "one");
      const second = await apply(named, { a: "1" }, "one");
      expect(second.metadata?.resourceVersion).toBe(first.metadata?.resourceVersion);
      expect(second.data).toEqual({ a: "1" });
    });

    test("removes what a manager no longer sends, and leaves what others own", async () => {
      const named = newName();
      await apply(named, { a: "1", b: "2" }, "one");
      await apply(named, { c: "3" }, "two");
      expect((await apply(named, { a: "1" }, "one")).data).toEqual({ a: "1", c: "3" });
    });

    test("is a conflict over a field of another manager, unless forced", async () => {
      const named = newName();
      await apply(named, { a: "1" }, "one");
      await expect(apply(named, { a: "2" }, "two")).rejects.toMatchObject({
        code: 409,
        body: expect.stringContaining("FieldManagerConflict"),
      });
      expect((await apply(named, { a: "2" }, "two", true)).data).toEqual({ a: "2" });
      await expect(apply(named, { a: "1" }, "one")).rejects.toMatchObject({ code: 409 });
    });
  });

  describe(`Kubernetes watches: ${name}`, () => {
    test("tell what happens to the objects they select", async () => {
      const { config, core, namespace } = subject();
      const label = newName();
      const seen: string[] = [];
      const watch = await new Watch(config).watch(
        `/api/v1/namespaces/${namespace}/configmaps`,
        { labelSelector: `test=${label}` },
        (type, object: V1ConfigMap) => seen.push(`${type} ${object.metadata?.name ?? ""}`),
        () => undefined,
      );
      const body = { metadata: { name: newName(), labels: { test: label } } };
      const { name: named } = body.metadata;
      await createMap(body);
      await createMap({ metadata: { name: newName() } });
      await core.patchNamespacedConfigMap(
        { namespace, name: named, body: { data: { a: "1" } } },
        asPatch(PatchStrategy.MergePatch),
      );
      await core.deleteNamespacedConfigMap({ namespace, name: named });
      await eventually(subject(), () => {
        expect(seen).toEqual([`ADDED ${named}`, `MODIFIED ${named}`, `DELETED ${named}`]);
      });
      watch.abort();
    });

    test("go on from a list: an informer sees what was there and what comes", async () => {
      const { config, core, namespace } = subject();
      const labelSelector = `test=${newName()}`;
      const labels = { test: labelSelector.slice(5) };
      const [before, after] = [newName(), newName()];
      await createMap({ metadata: { name: before, labels } });
      const path = `/api/v1/namespaces/${namespace}/configmaps`;
      const list = () => core.listNamespacedConfigMap({ namespace, labelSelector });
      const informer = makeInformer(config, path, list, labelSelector);
      const seen: string[] = [];
      informer.on("add", ({ metadata }) => seen.push(metadata?.name ?? ""));
      await informer.start();
      await createMap({ metadata: { name: after, labels } });
      await eventually(subject(), () => {
        expect(seen).toEqual([before, after]);
      });
      await informer.stop();
    });
  });
}
