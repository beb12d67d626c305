import { test } from "vitest";
import { soakHours } from "./soak-hours.js";

/** Short ones, which a run of half a minute has time for. */
const ONLY = ["is killed", "the link is reset", "closing all connections"];

test(
  "a soak of four hours in half a minute with three faults: every row and every window is right",
  { timeout: 600_000 },
  async (context) => {
    const options = { kind: "hours", hours: 4, minutes: 0.5, faults: 3, disk: false, only: ONLY } as const;
    await soakHours(context, options, (text) => void process.stdout.write(`${text}\n`));
  },
);
