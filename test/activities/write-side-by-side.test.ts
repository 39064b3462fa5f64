import { afterAll, beforeAll, expect, test } from "vitest";
import { writeSideBySide, type LineFile } from "../../activities/write-side-by-side.ts";
import type { Services } from "../../services/services.ts";
import { readText } from "../support/stored-run.ts";
import { startStandIns, type StandIns } from "../support/stand-ins.ts";

let standIns: StandIns;
let services: Services;
beforeAll(async () => {
  standIns = await startStandIns({ storage: true });
  services = standIns.newServices();
});
afterAll(() => standIns.stop());

const evenAndOdd = (folder: string): readonly LineFile<number>[] => [
  { path: `${folder}/even`, toText: (number) => (number % 2 === 0 ? `${number}\n` : "") },
  { path: `${folder}/odd`, toText: (number) => (number % 2 === 1 ? `${number}\n` : "") },
  { path: `${folder}/none`, toText: () => "" },
];

/** Groups as they are asked for; @param onGroup called before each. */
async function* toGroups(
  count: number,
  size: number,
  onGroup: (group: number) => void = () => undefined,
): AsyncGenerator<readonly number[]> {
  for (let group = 0; group < count; group += 1) {
    onGroup(group);
    yield await Promise.resolve(Array.from({ length: size }, (_, index) => group * size + index));
  }
}

test("every file gets its lines of one pass, in order; one without lines is empty", async () => {
  await writeSideBySide(services, evenAndOdd("whole"), toGroups(3, 2));
  expect(await readText(services, "whole/even")).toBe("0\n2\n4\n");
  expect(await readText(services, "whole/odd")).toBe("1\n3\n5\n");
  expect(await readText(services, "whole/none")).toBe("");
  await writeSideBySide(services, evenAndOdd("nothing"), toGroups(0, 2));
  expect(await readText(services, "nothing/even")).toBe("");
});

test("files of many blocks are whole", async () => {
  const line = `${"x".repeat(999)}\n`;
  const files = ["a", "b"].map((name) => ({ path: `large/${name}`, toText: () => line }));
  await writeSideBySide(services, files, toGroups(10, 1_000));
  for (const name of ["a", "b"]) expect(await readText(services, `large/${name}`)).toBe(line.repeat(10_000));
});

test("what reading throws is thrown, and leaves what was there", async () => {
  await services.files.write("runs", "broken/even", "before");
  const broken = toGroups(3, 2, (group) => {
    if (group === 2) throw new Error("the source broke");
  });
  await expect(writeSideBySide(services, evenAndOdd("broken"), broken)).rejects.toThrow("the source broke");
  expect(await readText(services, "broken/even")).toBe("before");
});

test("a file that cannot be written ends it all, without reading on", async () => {
  const files = [
    { path: "good", toText: () => "x".repeat(100_000) },
    { path: "out/../of", toText: () => "x".repeat(100_000) },
  ];
  let read = 0;
  const groups = toGroups(1_000, 1, () => (read += 1));
  await expect(writeSideBySide(services, files, groups)).rejects.toMatchObject({ code: "UnknownFile" });
  expect(read).toBeLessThan(10);
});
