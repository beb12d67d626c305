import { test } from "vitest";
import { soakRows } from "./soak-rows.js";

test("a soak of 200,000 rows: every row is logged once, and what it measures is printed", { timeout: 300_000 }, async (context) => {
  await soakRows(context, { kind: "rows", rows: 200_000, labelDelayMs: 200 }, (text) => void process.stdout.write(`${text}\n`));
});
