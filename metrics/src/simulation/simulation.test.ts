import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runSchedule } from "./run-schedule.js";

/** `SEED=7` runs that one schedule. */
const SEED = process.env["SEED"];
/** How long schedules are run, in s. */
const SECONDS = Number(process.env["SIMULATION_SECONDS"] ?? 20);
/** The first seed; others see other schedules. */
const FROM = Number(process.env["SIMULATION_FROM"] ?? 1);
/** Fewer would mean that something has become very slow. */
const LEAST = 200;

let folder = "";

beforeAll(() => {
  // In memory where the system has such a folder: a sync costs nothing there.
  folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "streamgauge-simulation-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.runIf(SEED !== undefined)(`schedule ${SEED}`, async () => {
  await runSchedule(Number(SEED), join(folder, "logs"));
});

test.runIf(SEED === undefined)(
  "every pair is in the log exactly once and every row adds up, whatever is cut, reordered, doubled, late, torn or killed",
  { timeout: (SECONDS + 60) * 1_000 },
  async () => {
    const began = performance.now();
    let seed = FROM;
    for (; performance.now() - began < SECONDS * 1_000; seed += 1) await runSchedule(seed, join(folder, "logs"));
    const schedules = seed - FROM;
    process.stdout.write(`${schedules} schedules, ${Math.round(schedules / SECONDS)} a second, from SEED=${FROM}\n`);
    expect(schedules).toBeGreaterThan(LEAST);
  },
);
