import { beforeAll, expect, test, vi } from "vitest";
import { builtFile } from "../index.js";
import { temporaryFolder } from "../vitest/index.js";
import { compile } from "./harness/compile.js";
import { WrittenLog } from "./harness/metric-log.js";
import { startCli } from "./harness/program.js";

vi.setConfig({ testTimeout: 120_000 });
beforeAll(compile);

interface Day {
  readonly start: string;
  readonly predicted: number;
  readonly labelled: number;
  readonly mae: number | null;
}

/** Rows with a label and their mean absolute error, by month: numpy 1.24's least squares on the same training rows. */
const MONTHS = {
  "2004-03": [492, 0.204],
  "2004-04": [468, 0.247],
  "2004-05": [592, 0.273],
  "2004-06": [607, 0.218],
  "2004-07": [558, 0.271],
  "2004-08": [428, 0.434],
  "2004-09": [555, 0.549],
  "2004-10": [392, 0.571],
  "2004-11": [679, 0.938],
  "2004-12": [561, 1.066],
  "2005-01": [616, 0.859],
  "2005-02": [588, 0.938],
  "2005-03": [723, 0.84],
  "2005-04": [85, 0.985],
};

test("a year of air quality shows how its sensors drift, by when its rows happened", async () => {
  const folder = temporaryFolder();
  const dataset = {
    MODEL_PATH: builtFile("model/assets/air-quality.onnx"),
    DATASET_PATH: builtFile("features/assets/air-quality.csv"),
    TARGET_COLUMN: "co",
    TIME_COLUMN: "time",
    ALLOW_UNLABELLED: "1",
  };
  // A year in about ten seconds.
  const pace = { TIME_SPEED: "3500000", FRAME_ROWS: "256", ROW_LIMIT: "8991", GATEWAY_PORT: "0" };
  const { stdout, code } = await startCli(["up"], { LOGS_DIR: folder, ...dataset, ...pace }).ended();
  expect(code).toBe(0);
  for (const line of [/^rows sent {8}8,991$/m, /^without label {4}1,647$/m, /^logged {11}7,344$/m, /^malformed lines {2}0$/m])
    expect(stdout).toMatch(line);
  const errors = new WrittenLog(folder).lines.map((line) => Number(line.split(",")[3]));
  expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeCloseTo(0.5967479, 6);

  const { stdout: json } = await startCli(["windows", "--size", "1d", "--json"], { LOGS_DIR: folder }).ended();
  const { windows }: { windows: Day[] } = JSON.parse(json);
  const months = new Map<string, [labelled: number, error: number]>();
  for (const { start, labelled, mae } of windows) {
    const [rows, error] = months.get(start.slice(0, 7)) ?? [0, 0];
    months.set(start.slice(0, 7), [rows + labelled, error + labelled * (mae ?? 0)]);
  }
  expect(windows.reduce((sum, { predicted }) => sum + predicted, 0)).toBe(8_991);
  expect([...months.keys()]).toEqual(Object.keys(MONTHS));
  for (const [month, [rows, mae]] of Object.entries(MONTHS)) {
    const [labelled, error] = months.get(month) ?? [0, 0];
    expect([month, labelled]).toEqual([month, rows]);
    expect(error / labelled).toBeCloseTo(mae ?? 0, 2);
  }
});

test("two years of bike sharing are logged whole", async () => {
  const folder = temporaryFolder();
  const dataset = {
    MODEL_PATH: builtFile("model/assets/bike-sharing.onnx"),
    DATASET_PATH: builtFile("features/assets/bike-sharing.csv"),
    TARGET_COLUMN: "count",
    TIME_COLUMN: "time",
    TIME_ZONE: "America/New_York",
  };
  const pace = { ROWS_PER_SECOND: "0", FRAME_ROWS: "512", ROW_LIMIT: "17379", GATEWAY_PORT: "0" };
  const { stdout, code } = await startCli(["up"], { LOGS_DIR: folder, ...dataset, ...pace }).ended();
  expect(code).toBe(0);
  expect(stdout).toMatch(/^logged {11}17,379$/m);
  expect(new WrittenLog(folder).lines.reduce((sum, line) => sum + Number(line.split(",")[1]), 0)).toBe(3_292_679);
});
