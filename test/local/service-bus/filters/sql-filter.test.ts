import { describe, expect, test } from "vitest";
import { createSqlFilter, matchesRule } from "../../../../local/service-bus/filters/rule.ts";
import { createMessage } from "../state/test-message.ts";

const message = createMessage({
  message_id: "m1",
  correlation_id: "run-1",
  subject: "it's 50%",
  application_properties: { wave: 2, region: "eu-west", urgent: true, Half: 0.5 },
});

function matches(expression: string, parameters: Record<string, unknown> = {}): boolean {
  return matchesRule({ name: "r", filter: createSqlFilter(expression, parameters) }, message);
}

describe("passes", () => {
  test.each([
    "1=1",
    "TRUE",
    "sys.CorrelationId = 'run-1'",
    "SYS.correlationid = 'run-1' and not (wave = 3)",
    "wave = 2 AND region = 'eu-west' OR wave = 9",
    "wave <> 3 AND wave != 4 AND wave >= 2 AND wave < 2.5 AND -1 < wave",
    "region IN ('us', 'eu-west') AND region NOT IN ('us')",
    "region LIKE 'eu%' AND region LIKE '__-west' AND region NOT LIKE 'us%'",
    String.raw`sys.Label LIKE 'it''s 50\%' ESCAPE '\'`,
    "missing IS NULL AND region IS NOT NULL",
    "EXISTS(wave) AND NOT EXISTS(missing)",
    "user.half = 0.5 AND [wave] = 2 AND \"region\" = 'eu-west'",
    "urgent = TRUE AND urgent",
    "wave = @wave",
  ])("%s", (expression) => {
    expect(matches(expression, { "@wave": 2 })).toBe(true);
  });
});

describe("does not pass", () => {
  test.each([
    "1=0",
    "FALSE",
    "wave = '2'",
    "region = 'EU-WEST'",
    "missing = 1",
    "missing <> 1",
    "NOT (missing = 1)",
    "missing NOT IN (1, 2)",
    "region LIKE 'eu'",
    "region LIKE '.*'",
    "wave = 1 AND (region = 'eu-west' OR urgent = TRUE)",
  ])("%s", (expression) => {
    expect(matches(expression)).toBe(false);
  });
});

test.each([
  "",
  "wave =",
  "wave = 1 wave",
  "(wave = 1",
  "wave ~ 1",
  "wave + 1 = 3",
  "other.wave = 1",
  "wave IN ()",
])("is not understood: %s", (expression) => {
  expect(() => createSqlFilter(expression)).toThrow(/SQL filter/);
});
