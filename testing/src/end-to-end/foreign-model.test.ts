import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ML_DOMAIN, writeOnnx, type OnnxFile, type OnnxNode } from "@streamgauge/model/onnx";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { until } from "../until.js";
import { builtFile } from "../built-file.js";
import { compile } from "./harness/compile.js";
import { temporaryFolder } from "../vitest/index.js";
import { startCli } from "./harness/program.js";

// Processes of a busy machine; nothing here takes its time by itself.
vi.setConfig({ testTimeout: 120_000 });
beforeAll(compile);

const encoder = (texts: readonly string[], values: readonly number[]): Pick<OnnxNode, "domain" | "attributes"> => ({
  domain: ML_DOMAIN,
  attributes: { keys_strings: { texts }, values_floats: { floats: values }, default_float: { float: 1000 } },
});

/**
 * As a pipeline of scikit-learn is exported: one input a column, of several types; a missing area counts as 50. Rooms are categories of
 * floats, as pandas has them where some are missing; any other text counts as 1000.
 */
const PIPELINE: OnnxFile = {
  irVersion: 8,
  opset: 13,
  mlOpset: 2,
  producer: "test",
  graph: "pipeline",
  inputs: [
    { name: "area", type: "float32", shape: ["", 1] },
    { name: "city", type: "string", shape: ["", 1] },
    { name: "zip", type: "string", shape: ["", 1] },
    { name: "rooms", type: "string", shape: ["", 1] },
  ],
  outputs: [
    { name: "variable", type: "float32", shape: ["", 1] },
    { name: "deviation", type: "float32", shape: ["", 1] },
  ],
  constants: [{ name: "usual", shape: [1], values: [50] }],
  nodes: [
    { operator: "IsNaN", inputs: ["area"], outputs: ["missing"] },
    { operator: "Where", inputs: ["missing", "usual", "area"], outputs: ["filled"] },
    { operator: "LabelEncoder", inputs: ["city"], outputs: ["c"], ...encoder(["Rome", "Oslo"], [100, 200]) },
    { operator: "LabelEncoder", inputs: ["zip"], outputs: ["z"], ...encoder(["01", "1"], [10_000, 20_000]) },
    { operator: "LabelEncoder", inputs: ["rooms"], outputs: ["r"], ...encoder(["1.0", "2.5"], [0, 0]) },
    { operator: "Sum", inputs: ["filled", "c", "z", "r"], outputs: ["variable"] },
    { operator: "Neg", inputs: ["variable"], outputs: ["deviation"] },
  ],
  metadata: {},
};
const ROWS = "id,zip,note,city,area,price,rooms\na,01,x,Rome,70,10180,1.0\nb,1,,Oslo,,20250,2.5\nc,01,z,Oslo,30.5,10230,1.0\n";
const ANSWERS = { a: 10_170, b: 20_250, c: 10_230.5 };

function files() {
  const folder = temporaryFolder();
  const paths = { folder, model: join(folder, "price.onnx"), rows: join(folder, "rows.csv"), logs: join(folder, "logs") };
  writeFileSync(paths.model, writeOnnx(PIPELINE));
  writeFileSync(paths.rows, ROWS);
  return paths;
}

function answersIn(csv: string): Record<string, number> {
  const [header = "", ...lines] = csv.trim().split("\n");
  const [id, yPred] = [header.split(",").indexOf("id"), header.split(",").indexOf("y_pred")];
  return Object.fromEntries(lines.map((line) => [line.split(",")[id], Number(line.split(",")[yPred])]));
}

describe("a pipeline with texts, a missing value and two outputs", () => {
  test.each(["json", "arrow"])("runs live, in %s", async (format) => {
    const { model, rows, logs } = files();
    const settings = { MODEL_PATH: model, DATASET_PATH: rows, TARGET_COLUMN: "price", ID_COLUMN: "id", LOGS_DIR: logs };
    const pace = { ROWS_PER_SECOND: "0", ROW_LIMIT: "3", FRAME_FORMAT: format, FRAME_ROWS: "2" };
    const { code, stdout } = await startCli(["up"], { ...settings, ...pace, OUTPUT: "variable", ALLOW_MISSING: "1" }).ended();
    expect({ code, refused: /^refused +(\d+)$/m.exec(stdout)?.[1] }).toEqual({ code: 0, refused: "0" });
    expect(answersIn(readFileSync(join(logs, "metric_log.csv"), "utf8"))).toEqual(ANSWERS);
  });

  test("answers a job of the same file through the gateway, its postcodes and rooms as text, and says what it passes over", async () => {
    const { model, rows, logs } = files();
    const settings = { MODEL_PATH: model, DATASET_PATH: rows, TARGET_COLUMN: "price", ID_COLUMN: "id", LOGS_DIR: logs, GATEWAY_PORT: "0" };
    const program = startCli(["up"], { ...settings, ROWS_PER_SECOND: "0.01", OUTPUT: "variable", ALLOW_MISSING: "1" });
    const [url = ""] = /http:\/\/[\d.:]+\d/.exec(await program.says(/The gateway is at /)) ?? [];
    const ask = async (path: string, options: RequestInit = {}) => (await fetch(url + path, options)).text();
    const body = ROWS.replace("c,01,z,Oslo,30.5", "c,01,z,Oslo,N/A");
    const job = JSON.parse(await ask("/jobs?target=price", { method: "POST", headers: { "content-type": "text/csv" }, body }));
    expect(job.warnings).toEqual(['The model does not take these columns, they are passed over: "note".']);
    await ask(`/jobs/${job.id}/run`, { method: "POST" });
    await until("the job has succeeded", async () => JSON.parse(await ask(`/jobs/${job.id}`)).status === "succeeded");
    expect(answersIn(await ask(`/jobs/${job.id}/results`))).toEqual({ ...ANSWERS, c: 10_250 });
    await program.says(/Columns that model price@\w+ does not take are passed over: note\. It takes area, city, zip, rooms\./);
    program.signal("SIGTERM");
    expect((await program.ended()).code).toBe(0);
  });

  test("scores a whole file, with the same answers", async () => {
    const { model, rows } = files();
    const settings = { OUTPUT: "variable", ALLOW_MISSING: "1" };
    const { code, stdout, stderr } = await startCli(["score", model, rows, "--target", "price"], settings).ended();
    expect(code).toBe(0);
    expect(stderr).toBe("Model price: y_pred is its output variable.\n");
    expect(stdout).toBe("id,y_pred,y_true,absolute_error\na,10170,10180,10\nb,20250,20250,0\nc,10230.5,10230,0.5\n");
    expect(answersIn(stdout)).toEqual(ANSWERS);
  });

  test("is refused at start, in one line that lists its outputs, if none is chosen", async () => {
    const { model, rows, logs } = files();
    const message =
      `Model ${model}: several outputs of the model could be the prediction: it has variable (float32 [?, 1]), deviation (float32 [?, 1]). ` +
      "Choose one, with OUTPUT=variable or OUTPUT=deviation.";
    const scored = await startCli(["score", model, rows]).ended();
    expect(scored).toMatchObject({ code: 1, stdout: "", stderr: `${message}\n` });
    const up = await startCli(["up"], { MODEL_PATH: model, DATASET_PATH: rows, TARGET_COLUMN: "price", LOGS_DIR: logs }).ended();
    expect(up.code).toBe(1);
    expect(up.stdout).toContain(`FATAL (streamgauge): ${message}\n`);
  });

  test("says at which missing value it stops", async () => {
    const { model, rows } = files();
    const { code, stdout, stderr } = await startCli(["score", model, rows], { OUTPUT: "variable" }).ended();
    expect({ code, stdout }).toEqual({ code: 1, stdout: "id,y_pred\na,10170\n" });
    expect(stderr).toBe(
      `${rows}, line 3, column "area": the value is missing; with ALLOW_MISSING=1 it reaches the model as NaN. Mend the line, or take it out.\n`,
    );
  });

  test("ends quietly if the reader of its answers has gone, as head does", () => {
    const { model, rows } = files();
    const [header = "", first = ""] = ROWS.split("\n");
    writeFileSync(rows, `${header}\n${`${first}\n`.repeat(200_000)}`);
    const command = `"$0" "$1" score "$2" "$3" | head -n 2`;
    const { status, stdout, stderr } = spawnSync("sh", ["-c", command, process.execPath, builtFile("dist/cli.js"), model, rows], {
      env: { PATH: process.env["PATH"], OUTPUT: "variable" },
      encoding: "utf8",
    });
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: "id,y_pred\na,10170\n",
      stderr: "Model price: y_pred is its output variable.\n",
    });
  });

  test("is inspected", async () => {
    const { model } = files();
    const { code, stdout } = await startCli(["model", "inspect", model, "--json"], { OUTPUT: "variable" }).ended();
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      served: {
        name: "price",
        features: [
          { name: "area", kind: "number" },
          { name: "city", kind: "text" },
          { name: "zip", kind: "text" },
          { name: "rooms", kind: "text" },
        ],
        notes: ["y_pred is its output variable"],
      },
    });
    const refused = await startCli(["model", "inspect", model]).ended();
    expect(refused.code).toBe(1);
    expect(refused.stdout).toContain("Served     no. Model ");
  });
});
