import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freshVhost, until } from "../index.js";
import { beforeAll, expect, test, vi } from "vitest";
import { answerSums, csvFile, startModelServer, temporaryFolder } from "../vitest/index.js";
import { compile } from "./harness/compile.js";
import { numberedModel } from "./harness/numbered-model.js";
import { tapPredictions, type PredictionTap } from "./harness/prediction-tap.js";
import { startService } from "./harness/program.js";

vi.setConfig({ testTimeout: 120_000 });
beforeAll(compile);

/** A night in Berlin in which clocks are set forward, one line that is no time, and a last line that is earlier than the one before. */
const LINES = [
  ["2025-03-29 23:30", "2025-03-29T22:30:00.000Z"],
  ["2025-03-30 00:30", "2025-03-29T23:30:00.000Z"],
  ["2025-03-30 01:30:00.500", "2025-03-30T00:30:00.500Z"],
  ["2025-03-30 02:30", "2025-03-30T01:30:00.000Z"],
  ["2025-03-30 03:30", "2025-03-30T01:30:00.000Z"],
  ["soon", undefined],
  ["2025-03-30T05:00:00+02:00", "2025-03-30T03:00:00.000Z"],
  ["1743312600", "2025-03-30T05:30:00.000Z"],
  ["1743310800000", "2025-03-30T05:00:00.000Z"],
] as const;
/** From 22:30 to 05:30, and the least step, half an hour, more. */
const PASS_MS = 7.5 * 3_600_000;
const ROWS = 20;

/** When row n of the run happened, as it is written above. */
function timeOf(n: number): string {
  const times = LINES.flatMap(([, time]) => time ?? []);
  const passes = Math.floor((n - 1) / times.length);
  return new Date(Date.parse(times[(n - 1) % times.length] ?? "") + passes * PASS_MS).toISOString();
}

/** The number of each predicted row in the run, and when it happened. */
function timesIn({ frames }: PredictionTap): (readonly [number, string | undefined])[] {
  return frames.flatMap(({ ids, eventTimes }) =>
    ids.toArray().map((id, row) => {
      const time = eventTimes?.[row];
      return [Number(id.split("-")[1]), time === undefined || Number.isNaN(time) ? undefined : new Date(time).toISOString()] as const;
    }),
  );
}

test.each([
  { FRAME_FORMAT: "json", FRAME_ROWS: "1" },
  { FRAME_FORMAT: "arrow", FRAME_ROWS: "7" },
])("the times of a dataset are those of its predictions, in each lane: %j", async (frames) => {
  const folder = temporaryFolder();
  const path = join(folder, "a.onnx");
  writeFileSync(path, numberedModel(1, ["bmi"]));
  const server = await startModelServer({
    metadata: { versions: ["3"], inputs: [{ name: "x", datatype: "FP64", shape: [-1, 1] }] },
    infer: answerSums,
  });
  const url = await freshVhost("event-time");
  const env = { AMQP_URL: url, LOGS_DIR: folder, LANES: `champion=${path},challenger=${server.url}`, FEATURES: "bmi" };
  const taps = [await tapPredictions(url), await tapPredictions(url, "challenger")] as const;
  const models = ["champion", "challenger"].map((lane) => startService("model", { ...env, LANE: lane }));
  for (const model of models) await model.says(/ scores lane /);
  const dataset = {
    DATASET_PATH: csvFile(`when,bmi,target\n${LINES.map(([when], row) => `${when},${row},1\n`).join("")}`),
    TIME_COLUMN: "when",
    TIME_ZONE: "Europe/Berlin",
    TIME_SPEED: "1000000",
    ROW_LIMIT: String(ROWS),
  };
  const features = startService("features", { ...env, ...dataset, ...frames });
  expect(await features.ended()).toMatchObject({ code: 0, stderr: "" });
  expect(features.stdout).toContain(
    'when: not a time, got "soon": write 2025-10-09T08:53:20Z, or 2025-10-09 08:53 in TIME_ZONE, or seconds or ms since 1970.',
  );
  const wanted = Array.from({ length: ROWS }, (_, i) => [i + 1, timeOf(i + 1)] as const);
  for (const tap of taps) {
    await until("all predictions", async () => timesIn(tap).length === ROWS);
    expect(timesIn(tap).toSorted(([one], [other]) => one - other)).toEqual(wanted);
  }
});
