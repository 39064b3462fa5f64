import { expect, test } from "vitest";
import { splitCommandLine } from "../../../local/batch/command-line.ts";
import { parseFilter } from "../../../local/batch/data/odata.ts";
import { toMilliseconds } from "../../../local/batch/duration.ts";

test.each([
  ["node /app/main.js --run 1", ["node", "/app/main.js", "--run", "1"]],
  [`/bin/sh -c "echo \\"a b\\"; exit 1"`, ["/bin/sh", "-c", `echo "a b"; exit 1`]],
  [`a 'b "c" d' e\\ f ''`, ["a", `b "c" d`, "e f", ""]],
  [`--x="1 2"'3'`, ["--x=1 23"]],
  ["echo $HOME | cat *", ["echo", "$HOME", "|", "cat", "*"]],
  ["  ", []],
])("%s is split without a shell", (line, words) => {
  expect(splitCommandLine(line)).toEqual(words);
});

test.each([
  ["PT1.5S", 1_500],
  ["PT1H2M", 3_720_000],
  ["P1D", 86_400_000],
  ["P10675199DT2H48M5.4775807S", undefined],
  ["soon", undefined],
  [undefined, undefined],
])("the duration %s", (text, milliseconds) => {
  expect(toMilliseconds(text)).toBe(milliseconds);
});

const task = {
  id: "task-1",
  state: "completed",
  executionInfo: { exitCode: 2 },
  creationTime: "2026-01-02T00:00:00Z",
};

test.each([
  ["state eq 'completed'", true],
  ["state eq 'active' or state eq 'completed'", true],
  ["(state eq 'completed') and executionInfo/exitCode ne 0", true],
  ["not (state eq 'completed')", false],
  ["startswith(id, 'task-') and executionInfo/exitCode gt 2", false],
  ["creationTime ge 2026-01-01T00:00:00Z", true],
  ["nodeInfo/nodeId eq 'x'", false],
])("$filter %s", (filter, expected) => {
  expect(parseFilter(filter)(task)).toBe(expected);
});

test.each(["state", "state is 'x'", "(state eq 'x'", "state eq 'x' 'y'"])(
  "$filter %s is refused",
  (filter) => {
    expect(() => parseFilter(filter)).toThrow(/not understood/);
  },
);
