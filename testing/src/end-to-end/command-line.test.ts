import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { builtFile } from "../built-file.js";
import { compile } from "./harness/compile.js";
import { temporaryFolder } from "../vitest/index.js";
import { WrittenLog } from "./harness/metric-log.js";
import { startCli } from "./harness/program.js";

// Processes of a busy machine; nothing here takes its time by itself.
vi.setConfig({ testTimeout: 120_000 });
beforeAll(compile);

describe("streamgauge", () => {
  test("lists its commands with `npx streamgauge --help`", () => {
    // Otherwise the command would install dependencies first, beside the tests that use them.
    const installed = readFileSync(builtFile("node_modules/.streamgauge-lock"), "utf8");
    expect(installed === readFileSync(builtFile("package-lock.json"), "utf8"), "dependencies are out of date: run `npm test`").toBe(true);
    const help = execFileSync("npx", ["--no-install", "streamgauge", "--help"], { cwd: builtFile("."), encoding: "utf8" });
    expect(help).toMatch(/^Usage: streamgauge \[options\] \[command\]\n/);
    for (const command of ["up", "train", "verify", "replay", "compare"]) expect(help).toMatch(new RegExp(`^  ${command} `, "m"));
  });

  test("does not know other commands, and says where help is", async () => {
    const { code, stderr } = await startCli(["run"]).ended();
    expect(code).toBe(1);
    expect(stderr).toBe("error: unknown command 'run'\n(streamgauge --help lists the commands)\n");
  });
});

describe("streamgauge replay", () => {
  test("gives up a RabbitMQ that does not answer in time, with what is wrong, and ends with 1", async () => {
    const { code, stdout, stderr } = await startCli(["replay", "list", "--wait", "1"], { AMQP_URL: "amqp://127.0.0.1:1" }).ended();
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(
      /^\S+ WARN \(replay\): RabbitMQ at 127\.0\.0\.1:1 cannot be used: connect ECONNREFUSED [^\n]+\nRabbitMQ could not be used within 1 s; --wait <seconds> waits longer\.\n$/,
    );
  });
});

describe("streamgauge train", () => {
  /** Runs it in a folder of its own. */
  async function train(...flags: readonly string[]) {
    const folder = temporaryFolder();
    const ended = await startCli(["train", ...flags], {}, folder).ended();
    return { folder, ...ended };
  }

  test("writes the model and prints the report", async () => {
    const { folder, code, stdout, stderr } = await train("--out", "models/mine.onnx", "--name", "mine");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^Dataset {2}\S+diabetes\.csv, 442 rows, sha256 [0-9a-f]{12}$/m);
    expect(stdout).toMatch(/^on rows it was fitted on +442 +43\.277 +53\.476 +0\.51775$/m);
    expect(stdout).toMatch(/^bmi +5\.603 /m);
    expect(stdout).toMatch(/^Written: models\/mine\.onnx$/m);
    expect(existsSync(join(folder, "models/mine.onnx"))).toBe(true);
  });

  test("writes unseen rows, on which a run shows the error that the report promised", async () => {
    const { folder, code, stdout } = await train("--out", "m.onnx", "--held-out", "unseen.csv");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Written: m\.onnx and unseen\.csv$/m);
    const [, rows, mae, rmse] = /^on held-out rows +(\d+) +(\S+) +(\S+) /m.exec(stdout) ?? [];
    expect(rows).toBe("88");
    const env = { LOGS_DIR: "logs", MODEL_PATH: "m.onnx", DATASET_PATH: "unseen.csv", ROWS_PER_SECOND: "0", ROW_LIMIT: "88" };
    expect((await startCli(["up"], env, folder).ended()).code).toBe(0);
    const { statistics } = new WrittenLog(join(folder, "logs"));
    expect(statistics.rows).toBe(88);
    // The report has five digits.
    expect(statistics.mae).toBeCloseTo(Number(mae), 2);
    expect(statistics.rmse).toBeCloseTo(Number(rmse), 2);
  });

  test.each([
    [
      ["--features", "bmi,bp"],
      ["bmi", "bp"],
    ],
    [
      ["--exclude", "age,s1,s2,s3,s4,s5,s6"],
      ["sex", "bmi", "bp"],
    ],
  ])("takes only some columns of the default dataset: %j", async (flags, features) => {
    const { code, stdout } = await train("--out", "m.onnx", ...flags);
    expect(code).toBe(0);
    const table = stdout.slice(stdout.indexOf("\nFeature"), stdout.indexOf("\nintercept")).split("\n");
    expect(table.slice(2).map((line) => line.split(" ")[0])).toEqual(features);
  });

  test.each([
    [[], "error: required option '--out <file>' not specified\n(streamgauge --help lists the commands)\n"],
    [["--out", "m.onnx", "--target", "price"], /^--target = "price": name columns of the file: age, sex, .*, target\.\n$/],
    [["--out", "m.onnx", "--alpha", "-1"], "--alpha = -1: give a number of 0 or more.\n"],
    [["--out", "m.onnx", "--hold-out", "1"], "--hold-out = 1: give a share of 0 or more and below 1, such as 0.2.\n"],
    [["--out", "m.onnx", "--seed", "x"], /^error: option '--seed <number>' argument 'x' is invalid\. It must be a number\.\n/],
    [
      ["--out", "m.onnx", "--unit", "bmi"],
      /^error: option '--unit <column=text>' argument 'bmi' is invalid\. It must look like bmi=kg\/m²\.\n/,
    ],
    [["--out", "m.onnx", "--dataset", "no.csv"], "no.csv: the file cannot be read. Check that it exists and that this user may read it.\n"],
    [["--out", "."], /^The model cannot be written: E[A-Z]+: [^\n]*\n$/],
  ] as [string[], string | RegExp][])("says what is wrong in few words and ends with 1: %j", async (flags, complaint) => {
    const { code, stdout, stderr } = await train(...flags);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    if (typeof complaint === "string") expect(stderr).toBe(complaint);
    else expect(stderr).toMatch(complaint);
  });

  test("names the line and the column that it cannot read", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "rows.csv"), "a,y\n1,2\n3,\n5,6\n");
    const { code, stderr } = await startCli(["train", "--dataset", "rows.csv", "--target", "y", "--out", "m.onnx"], {}, folder).ended();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^rows\.csv, line 3, column "y": [^\n]+\n$/);
  });
});
