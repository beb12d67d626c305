import type { DeadLettersEvent, ReasonGroupJson } from "@streamgauge/core/windows";
import { expect, test } from "vitest";
import { deadLettersText, groupText, reasonText, replayCommand } from "./dead-letter-texts.js";

const group: ReasonGroupJson = {
  stage: "model",
  reason: "not a finite number, got …",
  field: "bmi",
  of: "rows",
  count: 1,
  first: Date.UTC(2026, 10, 28, 9, 0, 30),
  last: Date.UTC(2026, 10, 28, 9, 0, 40),
  example: "",
  find: "field bmi: not a finite number, got",
};
const event: DeadLettersEvent = {
  waiting: 1,
  is_kept: true,
  since: Date.UTC(2026, 10, 28, 8),
  before: 0,
  gone: 0,
  groups: [group],
  other: 0,
};

test("a kind has its reason, how many, by whom and when, and how to send it back", () => {
  expect(reasonText(group)).toBe("field bmi: not a finite number, got …");
  expect(groupText(group)).toBe("1 row refused by model, 2026-11-28 09:00 UTC");
  expect(groupText({ ...group, of: "messages", count: 5_000, last: Date.UTC(2026, 10, 28, 9, 2) })).toBe(
    "5,000 messages refused by model, from 2026-11-28 09:00 to 2026-11-28 09:02 UTC",
  );
  expect(replayCommand(group)).toBe('npx streamgauge replay send --stage model --reason "field bmi: not a finite number, got"');
  expect(replayCommand({ ...group, find: "" })).toBe("npx streamgauge replay send --stage model");
  expect(replayCommand({ ...group, stage: "$(rm -rf ~)", find: "" })).toBe(undefined);
});

test("how many wait, which came before, and which are gone", () => {
  expect(deadLettersText(event)[0]).toBe("1 message waits in the queue dead-letters, whole and with the reasons. Everything else goes on.");
  expect(deadLettersText({ ...event, waiting: 7, before: 5, gone: 2 }).slice(0, 3)).toEqual([
    "7 messages wait in the queue dead-letters, whole and with the reasons. Everything else goes on.",
    "5 messages came before 2026-11-28 08:00 UTC, from when on reasons are counted here, or while the gateway had no link to RabbitMQ: “streamgauge replay list” says why they were refused.",
    "2 messages of those counted below wait no more: sent back, or removed.",
  ]);
  expect(deadLettersText({ ...event, waiting: 5, before: 5 })[1]).toMatch(/^All of them came before/);
  expect(deadLettersText({ ...event, waiting: null })[0]).toBe("RabbitMQ is away: how many wait is not known.");
  expect(deadLettersText({ ...event, is_kept: false }).at(-1)).toMatch(/^They are in the memory of this process/);
});
