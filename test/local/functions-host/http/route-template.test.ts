import { describe, expect, it } from "vitest";
import { parseRouteTemplate } from "../../../../local/functions-host/http/route-template.ts";

describe("a route template", () => {
  it.each([
    ["a/b", "/A/b/", {}],
    ["a/{x}", "/a/1", { x: "1" }],
    ["a/{x}", "/a", undefined],
    ["a/{x}", "/a/1/2", undefined],
    ["a/{x?}", "/a", {}],
    ["a/{x?}/b", "/a/b", {}],
    ["a/{*rest}", "/a", {}],
    ["a/{*rest}", "/a/b/c.d", { rest: "b/c.d" }],
    ["a/{**rest}", "/a/b/c", { rest: "b/c" }],
    ["v{major}.{minor}/x", "/v1.2/x", { major: "1", minor: "2" }],
    ["{name}.json", "/a.b.json", { name: "a.b" }],
    ["a.b", "/axb", undefined],
    ["{x}", "/a%20b%2Fc", { x: "a b%2Fc" }],
    ["{x}", "/100%", { x: "100%" }],
    ["{id:int}", "/12", { id: "12" }],
    ["{id:int}", "/1x", undefined],
    ["{id:int:range(1,9)}", "/10", undefined],
    ["{id:guid}", "/11111111-2222-3333-4444-555555555555", { id: "11111111-2222-3333-4444-555555555555" }],
    ["{id:length(2)}", "/abc", undefined],
    ["{id:length(2,3)}", "/abc", { id: "abc" }],
    ["{id:regex(^[a-c]+$)}", "/abc", { id: "abc" }],
    ["{id:regex(^\\d{{2}}$)}", "/12", { id: "12" }],
    ["{id:regex(^\\d{{2}}$)}", "/123", undefined],
    ["{id:bool}", "/maybe", undefined],
  ])("%s reads %s as %o", (template, path, expected) => {
    expect(parseRouteTemplate(template).match(path)).toEqual(expected);
  });

  it.each(["a/{x", "{x=1}", "{id:regex(a/b)}"])("is refused when it is %s", (template) => {
    expect(() => parseRouteTemplate(template)).toThrow("not a route parameter");
  });

  it("is refused when it names a constraint that does not exist", () => {
    expect(() => parseRouteTemplate("{id:odd}")).toThrow('no route constraint "odd"');
  });
});
