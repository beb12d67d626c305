import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, test } from "vitest";
import { runSchedule } from "./run-schedule.js";

/** `SEED=7` runs only that schedule. */
const SEED = process.env["SEED"];
/** How long schedules run, in s. */
const SECONDS = Number(process.env["SIMULATION_SECONDS"] ?? 20);
/** The first seed. */
const FROM = Number(process.env["SIMULATION_FROM"] ?? 1);
/** At least so many schedules run, even if they take longer. */
const MIN_SCHEDULES = 200;

let folder = "";

beforeAll(() => {
  // In memory if the system has such a folder: a sync costs nothing there.
  folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "streamgauge-simulation-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

if (SEED === undefined) {
  test(
    "every pair is logged exactly once and the rows add up, under any order, redelivery, delay, damage and crash",
    { timeout: (SECONDS + 120) * 1_000 },
    async () => {
      const began = performance.now();
      const seconds = () => (performance.now() - began) / 1_000;
      let schedules = 0;
      for (; schedules < MIN_SCHEDULES || seconds() < SECONDS; schedules += 1) await runSchedule(FROM + schedules, join(folder, "logs"));
      process.stdout.write(`${schedules} schedules, ${Math.round(schedules / seconds())} a second, from SEED=${FROM}\n`);
    },
  );
} else {
  test(`schedule ${SEED}`, async () => {
    await runSchedule(Number(SEED), join(folder, "logs"));
  });
}
