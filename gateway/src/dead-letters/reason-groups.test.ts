import { expect, test } from "vitest";
import { ReasonGroups } from "./reason-groups.js";

const refusal = (row: number, reason = `not a finite number, got "${row}"`) => ({ row, id: `r${row}`, field: "bmi", reason });

test("ten thousand rows that each name another value are one group with a count and one example", () => {
  const groups = new ReasonGroups();
  groups.add(
    "model",
    Array.from({ length: 10_000 }, (_, i) => refusal(i)),
    5_000,
  );
  groups.add("model", [refusal(3)], 7_000);
  expect(groups.list()).toEqual([
    {
      stage: "model",
      reason: "not a finite number, got …",
      field: "bmi",
      of: "rows",
      count: 10_001,
      first: 5_000,
      last: 7_000,
      example: 'row 0 (id "r0"), field bmi: not a finite number, got "0"',
      find: "field bmi: not a finite number, got",
    },
  ]);
  expect(groups.other).toBe(0);
});

test("services, fields, rows and whole messages are apart, and the latest kind comes first", () => {
  const groups = new ReasonGroups();
  groups.add("model", [{ reason: "the body is empty" }], 1);
  groups.add("metrics", [{ reason: "the body is empty" }], 2);
  groups.add("model", [{ row: 0, reason: "the body is empty" }], 3);
  groups.add("model", [{ reason: "the body is empty" }], 4);
  expect(groups.list().map(({ stage, of, count, example }) => [stage, of, count, example])).toEqual([
    ["model", "messages", 2, ""],
    ["model", "rows", 1, "row 0"],
    ["metrics", "messages", 1, ""],
  ]);
});

test("kinds without number are bounded: the others are counted", () => {
  const groups = new ReasonGroups();
  const word = (i: number) => String(i).replace(/\d/g, (digit) => "abcdefghij"[Number(digit)] ?? "");
  for (let i = 0; i < 1_000; i += 1) groups.add("model", [{ reason: `no ${word(i)}` }, { reason: `no ${word(i)}` }], i);
  expect(groups.list()).toHaveLength(40);
  expect(groups.list()[0]).toMatchObject({ reason: "no jjj", count: 2 });
  expect(groups.other).toBe(1_920);
});

test("a long and hostile reason is cut", () => {
  const groups = new ReasonGroups();
  groups.add("x".repeat(60_000), [{ row: 1, id: "<b>".repeat(2_000), field: "f".repeat(4_000), reason: "<script>".repeat(250) }], 1);
  const [group] = groups.list();
  expect([group?.stage.length, group?.reason.length, group?.field?.length, group?.find]).toEqual([
    300,
    301,
    301,
    `field ${"f".repeat(74)}`,
  ]);
  expect(group?.example).toMatch(/^row 1 \(id "<b>/);
  expect(group?.example.length).toBeLessThanOrEqual(301);
});
