import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startSumModel } from "./testing/sum-model.js";
import { testGateway } from "./testing/test-gateway.js";

const run = promisify(execFile);

/** What an example prints when it is run as its reader would. */
async function outputOf(program: string, file: string): Promise<string> {
  const { url, bus } = await testGateway();
  await startSumModel(bus("model"));
  const path = fileURLToPath(new URL(`../../examples/${file}`, import.meta.url));
  const { stdout } = await run(program, [path], { env: { PATH: process.env["PATH"], GATEWAY_URL: url }, timeout: 25_000 });
  return stdout;
}

test("the example for curl runs", async () => {
  const lines = (await outputOf("/bin/sh", "gateway.sh")).trimEnd().split("\n");
  expect(lines[0]).toMatch(/^\{"accepted":1,"ids":\["curl-\d+"\],/);
  expect(lines[2]).toMatch(/"status":"succeeded",.*"y_pred":578\.1\d*,/);
  expect(lines.slice(3)).toEqual([
    "row,id,y_pred,y_true,absolute_error,reason",
    expect.stringMatching(/^0,j\w+-0,578\.1\d*,151,427\.1\d*,$/),
    expect.stringMatching(/^1,j\w+-1,589\.6\d*,75,514\.6\d*,$/),
  ]);
});

test("the example for Node runs", async () => {
  expect(await outputOf(process.execPath, "gateway.mjs")).toMatch(
    /^\S+ succeeded: y_pred 578\.1\d* of sum@1\n1000 rows accepted, 0 refused\n$/,
  );
});

test("the example for Python runs", async () => {
  expect(await outputOf("python3", "gateway.py")).toMatch(
    /^\S+ succeeded: y_pred 578\.1\d* of sum@1\ny_true 151: absolute error 427\.1\d*\n$/,
  );
});
