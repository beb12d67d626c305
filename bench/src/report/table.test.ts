import { expect, test } from "vitest";
import { markdownTable, plainTable } from "./table.js";

const TABLE = {
  title: "Throughput",
  header: ["case", "pairs/s"],
  rows: [
    ["json-1", "9,100"],
    ["arrow|8192", "–"],
  ],
  notes: ["Noise is expected."],
};

test("a table for a terminal", () => {
  expect(plainTable(TABLE)).toBe(`Throughput

case        pairs/s
json-1        9,100
arrow|8192        –
Noise is expected.
`);
});

test("a table for a page", () => {
  expect(markdownTable(TABLE)).toBe(`### Throughput

| case        | pairs/s |
| ----------- | ------: |
| json-1      |   9,100 |
| arrow\\|8192 |       – |

Noise is expected.
`);
});
