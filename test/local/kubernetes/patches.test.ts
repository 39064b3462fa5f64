import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../../local/kubernetes/objects.ts";
import { applyJsonPatch } from "../../../local/kubernetes/patches/json-patch.ts";
import { applyMergePatch, applyStrategicPatch } from "../../../local/kubernetes/patches/merge-patch.ts";
import { applyConfiguration, recordUpdate } from "../../../local/kubernetes/patches/server-side-apply.ts";
import { parseFieldSelector, parseLabelSelector } from "../../../local/kubernetes/selectors.ts";

describe("JSON patch (RFC 6902)", () => {
  test.each([
    [{ a: 1 }, [{ op: "add", path: "/b", value: 2 }], { a: 1, b: 2 }],
    [{ a: [1, 3] }, [{ op: "add", path: "/a/1", value: 2 }], { a: [1, 2, 3] }],
    [{ a: [1] }, [{ op: "add", path: "/a/-", value: 2 }], { a: [1, 2] }],
    [{ a: [1, 2] }, [{ op: "remove", path: "/a/0" }], { a: [2] }],
    [{ "x/y": { "m~n": 1 } }, [{ op: "replace", path: "/x~1y/m~0n", value: 2 }], { "x/y": { "m~n": 2 } }],
    [{ a: 1 }, [{ op: "move", from: "/a", path: "/b" }], { b: 1 }],
    [{ a: { b: 1 } }, [{ op: "copy", from: "/a", path: "/c" }], { a: { b: 1 }, c: { b: 1 } }],
    [{ a: 1 }, [{ op: "replace", path: "", value: { b: 1 } }], { b: 1 }],
  ])("%j, %j", (target, patch, expected) => {
    const before = structuredClone(target);
    expect(applyJsonPatch(target, patch)).toEqual(expected);
    expect(target).toEqual(before);
  });

  test.each([
    [{ op: "replace", path: "/b", value: 1 }],
    [{ op: "remove", path: "/b" }],
    [{ op: "add", path: "/b/c", value: 1 }],
    [{ op: "test", path: "/a", value: 2 }],
  ])("%j does not go", (operation) => {
    expect(() => applyJsonPatch({ a: 1 }, [operation])).toThrow(/the server rejected our request/);
  });
});

describe("merge patches", () => {
  test("merge objects, replace lists, remove what is null (RFC 7396)", () => {
    const target = { a: { b: 1, c: 2 }, list: [{ name: "x", v: 1 }] };
    const patch = { a: { b: null, d: 3 }, list: [{ name: "y" }] };
    expect(applyMergePatch(target, patch)).toEqual({ a: { c: 2, d: 3 }, list: [{ name: "y" }] });
  });

  test("strategic ones merge lists by name, and heed what kubectl sends along", () => {
    const target = { list: [{ name: "x", v: 1, w: 1 }, { name: "z" }], plain: [1, 2] };
    const patch = {
      "$setElementOrder/list": [{ name: "x" }, { name: "y" }],
      list: [{ name: "x", v: 2 }, { name: "y" }, { name: "z", $patch: "delete" }],
      plain: [3],
    };
    expect(applyStrategicPatch(target, patch)).toEqual({
      list: [{ name: "x", v: 2, w: 1 }, { name: "y" }],
      plain: [3],
    });
  });
});

describe("server-side apply", () => {
  const empty: KubeObject = {
    ...{ apiVersion: "v1", kind: "ConfigMap" },
    metadata: { name: "a", uid: "u", resourceVersion: "1", creationTimestamp: "2026-01-02T03:04:05Z" },
  };
  const time = "2026-01-02T03:04:05Z";
  const apply = (target: KubeObject, manager: string, wanted: object, force = false) =>
    applyConfiguration(target, { manager, force, time, wanted: { ...wanted } });

  test("records fields as Kubernetes writes them", () => {
    const { metadata } = apply(empty, "one", {
      metadata: { name: "a", labels: { x: "1" } },
      data: { a: "1" },
    });
    expect(metadata.managedFields).toEqual([
      {
        ...{ manager: "one", operation: "Apply", apiVersion: "v1", time, fieldsType: "FieldsV1" },
        fieldsV1: { "f:metadata": { "f:labels": { "f:x": {} } }, "f:data": { "f:a": {} } },
      },
    ]);
  });

  test("two managers may own the same field as long as they agree", () => {
    const both = apply(apply(empty, "one", { data: { a: "1" } }), "two", { data: { a: "1" } });
    const left = apply(both, "one", {});
    expect(left["data"]).toEqual({ a: "1" });
    expect(apply(left, "two", {})["data"]).not.toHaveProperty("a");
  });

  test("what was set by other means is owned too", () => {
    const made = recordUpdate({ ...empty, data: { a: "1" } }, { data: { a: "1" } }, "kubectl", time);
    expect(() => apply(made, "one", { data: { a: "2" } })).toThrow('conflicts with "kubectl": .data.a');
    expect(apply(made, "one", { data: { a: "2" } }, true)["data"]).toEqual({ a: "2" });
  });
});

describe("selectors", () => {
  const object: KubeObject = {
    ...{ apiVersion: "v1", kind: "Pod", status: { phase: "Running" } },
    metadata: {
      name: "p",
      uid: "u",
      resourceVersion: "1",
      creationTimestamp: "",
      labels: { app: "x", tier: "1" },
    },
  };

  test.each([
    ["", true],
    ["app=x", true],
    ["app==x,tier=1", true],
    ["app!=x", false],
    ["other!=x", true],
    ["app in (y, x),tier", true],
    ["app notin (x)", false],
    ["other notin (x)", true],
    ["!app", false],
    ["!other", true],
  ])("labels: %s", (text, expected) => {
    expect(parseLabelSelector(text)(object)).toBe(expected);
  });

  test.each([
    ["metadata.name=p", true],
    ["metadata.name=p,status.phase!=Running", false],
    ["spec.nodeName=", true],
  ])("fields: %s", (text, expected) => {
    expect(parseFieldSelector(text)(object)).toBe(expected);
  });

  test("that cannot be understood are refused", () => {
    expect(() => parseLabelSelector("a b")).toThrow("unable to parse requirement");
    expect(() => parseFieldSelector("a")).toThrow("invalid selector");
  });
});
