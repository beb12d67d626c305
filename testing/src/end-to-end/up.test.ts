import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { builtFile } from "../built-file.js";
import { compile } from "./harness/compile.js";
import { expectStudy } from "./harness/expect-study.js";
import { temporaryFolder } from "../vitest/index.js";
import { WrittenLog } from "./harness/metric-log.js";
import { startCli } from "./harness/program.js";
import type { Ended } from "../node-process.js";

type Environment = Readonly<Record<string, string>>;

const STUDY = readFileSync(builtFile("features/assets/diabetes.csv"), "utf8");
/** Without pauses, and to the end. */
const AT_ONCE = { ROWS_PER_SECOND: "0", ROW_LIMIT: "442" };

// Processes of a busy machine; nothing here takes its time by itself.
vi.setConfig({ testTimeout: 120_000 });
beforeAll(compile);

/** `streamgauge up` in memory to its end. */
async function up(logsDir: string, env: Environment = AT_ONCE): Promise<Ended> {
  return startCli(["up"], { LOGS_DIR: logsDir, ...env }).ended();
}

function datasetFile(content: string): string {
  const path = join(temporaryFolder(), "rows.csv");
  writeFileSync(path, content);
  return path;
}

/** A row of the summary: its name and its value. */
function summaryOf(stdout: string): ReadonlyMap<string, string> {
  const lines = stdout.slice(stdout.lastIndexOf("\nrows sent")).split("\n");
  return new Map(lines.map((line) => [line.slice(0, 15).trim(), line.slice(15).trim()]));
}

describe("a run in memory", () => {
  test("logs all rows, draws the pictures, sums up and ends with 0", async () => {
    const folder = temporaryFolder();
    const { code, stdout, stderr } = await up(folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const log = new WrittenLog(folder);
    expectStudy(log);
    expect(readFileSync(log.path, "utf8").split("\n")[0]).toBe("id,y_true,y_pred,absolute_error");
    for (const name of ["error_distribution", "predicted_vs_actual", "residuals", "error_over_time"]) {
      const picture = readFileSync(join(folder, `${name}.png`));
      expect(picture.subarray(0, 8)).toEqual(Buffer.from("\x89PNG\r\n\x1a\n", "latin1"));
      // The width and height of its IHDR.
      expect([picture.readUInt32BE(16), picture.readUInt32BE(20)]).toEqual([1_800, 1_125]);
      expect(picture.length).toBeGreaterThan(20_000);
    }
    expect(Object.fromEntries(summaryOf(stdout))).toMatchObject({
      "rows sent": "442",
      logged: "442",
      refused: "0",
      duplicates: "0",
      conflicts: "0",
      unmatched: "0",
      "malformed lines": "0",
      MAE: "43.27745",
      RMSE: "53.47613",
      "R²": "0.5177484",
    });
    // The last row, what plot says if it was still starting, and the summary.
    expect(stdout).toMatch(/MAE 43\.2775 of 442\n(\[[^\n]+ INFO \(plot\): [^\n]+\n)?\nrows sent/);
  });

  test.each([
    { FRAME_ROWS: "100" },
    { FRAME_ROWS: "256", FRAME_FORMAT: "arrow" },
    { LABEL_DELAY_MS: "300" },
    { BATCH_ROWS: "7" },
  ] as Environment[])("logs the same with %j", async (env) => {
    const folder = temporaryFolder();
    expect((await up(folder, { ...AT_ONCE, ...env })).code).toBe(0);
    expectStudy(new WrittenLog(folder));
  });

  test("goes on in the log of an earlier run, and sums up its own rows", async () => {
    const folder = temporaryFolder();
    await up(folder);
    const log = new WrittenLog(folder);
    const earlier = readFileSync(log.path);
    const { code, stdout } = await up(folder, { ...AT_ONCE, ROW_LIMIT: "100" });
    expect(code).toBe(0);
    expect(readFileSync(log.path).subarray(0, earlier.length)).toEqual(earlier);
    expect(log.lines).toHaveLength(542);
    expect(new Set(log.ids).size).toBe(542);
    expect(summaryOf(stdout).get("logged")).toBe("100");
  });

  test("in a folder that does not exist yet", async () => {
    const folder = join(temporaryFolder(), "a", "b");
    expect((await up(folder)).code).toBe(0);
    expectStudy(new WrittenLog(folder));
  });
});

describe("rows that cannot be used", () => {
  test("are refused by the model, named and counted, and the run ends by itself", async () => {
    const folder = temporaryFolder();
    // Eleven rows in all.
    const dataset = datasetFile(STUDY.replaceAll(/^59,/gm, ",").replaceAll(/^72,/gm, "old,"));
    const { code, stdout } = await up(folder, { ...AT_ONCE, DATASET_PATH: dataset });
    const refused = STUDY.match(/^(59|72),/gm)?.length ?? 0;
    expect({ code, refused }).toEqual({ code: 0, refused: 11 });
    expect(Object.fromEntries(summaryOf(stdout))).toMatchObject({ "rows sent": "442", logged: "431", refused: "11" });
    expect(stdout).toMatch(
      /WARN \(model\): 1 row refused, to the dead letters: row 0 \(id "[^"]+-0000000001"\), field age: the value is missing; with ALLOW_MISSING=1 it reaches the model as NaN\n/,
    );
    expect(new WrittenLog(folder).lines).toHaveLength(431);
  });

  test("are scored all the same if the dataset has columns that the model does not take: these are not sent", async () => {
    const dataset = datasetFile(STUDY.replaceAll(/$(?=\n)/gm, ",x").replace(",x\n", ",comment\n"));
    const { code, stdout } = await up(temporaryFolder(), { ...AT_ONCE, DATASET_PATH: dataset, FRAME_ROWS: "442" });
    expect(code).toBe(0);
    expect(Object.fromEntries(summaryOf(stdout))).toMatchObject({ logged: "442", refused: "0" });
  });

  test("end the run at its start if the dataset lacks a column that the model takes", async () => {
    const dataset = datasetFile(STUDY.replace("age,", "years,"));
    const { code, stdout } = await up(temporaryFolder(), { ...AT_ONCE, DATASET_PATH: dataset });
    expect(code).toBe(1);
    expect(stdout).toContain(
      `The dataset ${dataset} has no column "age": the model takes it, or FEATURES names it, and the dataset has "years", "sex", `,
    );
  });

  test("are not sent if their lines are malformed", async () => {
    const dataset = datasetFile(`${STUDY}1,2,3\n${STUDY.split("\n")[1]}x\n`);
    const { code, stdout } = await up(temporaryFolder(), { ...AT_ONCE, DATASET_PATH: dataset, ROW_LIMIT: "884" });
    expect(code).toBe(0);
    expect(Object.fromEntries(summaryOf(stdout))).toMatchObject({ "rows sent": "884", logged: "884", "malformed lines": "2" });
    expect(stdout).toContain(`Line 444 of ${dataset} is not sent: it has 3 cells, the header has 11.`);
    expect(stdout).toContain(`Line 445 of ${dataset} is not sent: target: not a number, got "151x".`);
  });

  test("are duplicates if the dataset's own ids come again, and the run ends by itself", async () => {
    const folder = temporaryFolder();
    const [header, ...rows] = STUDY.trim().split("\n");
    const dataset = datasetFile([`id,${header}`, ...rows.map((row, i) => `p${i + 1},${row}`), ""].join("\n"));
    const { code, stdout } = await up(folder, { ...AT_ONCE, DATASET_PATH: dataset, ID_COLUMN: "id", ROW_LIMIT: "1000" });
    expect(code).toBe(0);
    const log = new WrittenLog(folder);
    expectStudy(log);
    expect(log.ids.slice(0, 3).toSorted()).toEqual(["p1", "p2", "p3"]);
    expect(Object.fromEntries(summaryOf(stdout))).toMatchObject({ "rows sent": "1,000", logged: "442", duplicates: "558", conflicts: "0" });
  });
});

describe("a run that cannot begin says why in one line and ends with 1", () => {
  test("all mistakes of its configuration", async () => {
    const { code, stdout, stderr } = await up(temporaryFolder(), {
      ROW_LIMIT: "many",
      FRAME_FORMAT: "csv",
      AMQP_URL: "localhost",
      LOG_LEVEL: "loud",
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toBe(
      [
        "The configuration has 4 mistakes:",
        '  - AMQP_URL must be a URL like amqp://user:password@host:5672 (it is "localhost").',
        '  - LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent (it is "loud").',
        '  - ROW_LIMIT must be a whole number from 0 to 9007199254740991 (it is "many").',
        '  - FRAME_FORMAT must be one of json, arrow (it is "csv").',
        "",
      ].join("\n"),
    );
  });

  test.each([
    [
      "a dataset that is missing",
      { DATASET_PATH: "no.csv" },
      "The dataset no.csv cannot be read: set DATASET_PATH to a CSV file with a header (ENOENT",
    ],
    [
      "a dataset that is a folder",
      { DATASET_PATH: "/" },
      "The dataset / cannot be read: set DATASET_PATH to a CSV file with a header (EISDIR",
    ],
    [
      "a target that is missing",
      { TARGET_COLUMN: "price" },
      'diabetes.csv has no column "price": set TARGET_COLUMN to one of "age", "sex", ',
    ],
    ["ids that are missing", { ID_COLUMN: "name" }, 'diabetes.csv has no column "name": set ID_COLUMN to one of "age", "sex", '],
    ["a model that is missing", { MODEL_PATH: "no.onnx" }, "Model no.onnx: there is no such file."],
    ["a model that is none", { MODEL_PATH: builtFile("package.json") }, "package.json: this is not an ONNX file."],
    ["a folder for the log that is a file", { LOGS_DIR: builtFile("package.json") }, "package.json cannot be used (ENOTDIR: "],
    ["an address for health checks that is not here", { HTTP_HOST: "192.0.2.1" }, "Health checks cannot be answered at 192.0.2.1:0 ("],
  ] as [string, Environment, string][])("%s", async (_, env, message) => {
    const { code, stdout, stderr } = await up(temporaryFolder(), { ...AT_ONCE, ...env });
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    const complaints = stdout.split("\n").filter((line) => !line.includes(" INFO ") && line !== "");
    expect(complaints).toEqual([expect.stringContaining(`FATAL (streamgauge): `)]);
    expect(complaints[0]).toContain(message);
  });
});

describe("an endless run", () => {
  test.each(["SIGINT", "SIGTERM"] as const)("ends with 0 on %s, its log whole", async (signal) => {
    const folder = temporaryFolder();
    const run = startCli(["up"], { LOGS_DIR: folder, ROWS_PER_SECOND: "1000" });
    const log = new WrittenLog(folder);
    await log.has(200);
    run.signal(signal);
    expect(await run.ended()).toMatchObject({ code: 0, signal: null, stderr: "" });
    expect(readFileSync(log.path, "utf8").endsWith("\n")).toBe(true);
    expect(new Set(log.ids).size).toBe(log.lines.length);
    expect(log.statistics.largestDifference).toBe(0);
  });

  test("ends with 0 when its output is not read, as with `| head`", async () => {
    const run = startCli(["up"], { LOGS_DIR: temporaryFolder(), ROWS_PER_SECOND: "100" });
    await run.says(/Run \S+ begins/);
    run.closeOutput();
    expect(await run.ended()).toMatchObject({ code: 0, signal: null, stderr: "" });
  });
});
