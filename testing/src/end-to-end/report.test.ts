import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { WindowJson } from "@streamgauge/core/windows";
import { beforeAll, expect, test, vi } from "vitest";
import { useBrowser, violationsOf } from "../browser/index.js";
import { temporaryFolder } from "../vitest/index.js";
import { compile } from "./harness/compile.js";
import { startCli } from "./harness/program.js";

const { open } = useBrowser();

// Processes of a busy machine; nothing here takes its time by itself.
vi.setConfig({ testTimeout: 240_000 });
beforeAll(compile);

/** The whole diabetes study, without pauses. */
const STUDY = { ROWS_PER_SECOND: "0", ROW_LIMIT: "442" };

test("the report of a run opens as a file and shows the figures of `streamgauge windows --json`", async () => {
  const folder = temporaryFolder();
  const env = { LOGS_DIR: join(folder, "logs") };
  expect((await startCli(["up"], { ...env, ...STUDY }).ended()).code).toBe(0);
  const { code, stdout, stderr } = await startCli(["report", "--size", "1d"], env, folder).ended();
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^report-champion\.html, \d+ kB: \d windows? of 1 day; \d provisional\. Open it in a browser\.\n$/);
  const path = join(folder, "report-champion.html");
  expect(statSync(path).size).toBeLessThan(1_000_000);
  const json = (await startCli(["windows", "--size", "1d", "--json"], env).ended()).stdout;
  const { windows }: { windows: WindowJson[] } = JSON.parse(json);
  const url = pathToFileURL(path).href;
  const page = await open(url);
  await page.goto(url);
  await page.locator("#mae-chart canvas").waitFor();
  // The study as scikit-learn knows it.
  const tiles = await page.locator(".tile").evaluateAll((all) => all.map((tile) => tile.innerText.split("\n").slice(0, 2)));
  expect(tiles).toEqual(
    expect.arrayContaining([
      ["MAE", "43.277"],
      ["RMSE", "53.476"],
      ["R²", "0.51775"],
      ["Coverage", "100.0 %"],
    ]),
  );
  const rows: string[][] = await page.locator("#errors-rows tr").evaluateAll((all) => all.map((row) => row.innerText.split("\t")));
  const digits = (value: number | null) => Number(value?.toPrecision(5));
  expect(rows.map((cells) => cells.map((cell, i) => (i < 2 ? cell : Number(cell.replaceAll(",", "").replaceAll("−", "-")))))).toEqual(
    windows.map(({ start, state, labelled, mae, rmse, r2, bias, p50, p95, p99, max_error }) => [
      start.slice(0, 16).replace("T", " "),
      state,
      labelled,
      ...[mae, rmse, r2, bias, p50, p95, p99, max_error].map(digits),
    ]),
  );
  expect(await violationsOf(page)).toEqual([]);
});

test("a report goes to standard output, and says what it cannot do", async () => {
  const folder = temporaryFolder();
  const env = { LOGS_DIR: join(folder, "logs") };
  expect(await startCli(["report"], env).ended()).toMatchObject({
    code: 1,
    stderr: `${env.LOGS_DIR} has no state of lane champion: metrics has not run there. Set LOGS_DIR to the folder of the log.\n`,
  });
  expect((await startCli(["up"], { ...env, ...STUDY }).ended()).code).toBe(0);
  const { code, stdout } = await startCli(["report", "--to", "2000-01-01", "--out", "-"], env).ended();
  expect(code).toBe(0);
  expect(stdout).toMatch(/^<!doctype html>\n/);
  expect(stdout).toMatch(/<\/html>\n$/);
  const empty = await startCli(["report", "--to", "2000-01-01", "--out", "empty.html"], env, folder).ended();
  expect([empty.code, empty.stdout]).toEqual([
    0,
    expect.stringMatching(
      /^empty\.html, \d+ kB: The range has no windows\. Lane champion has windows of 1 hour from .* UTC: choose --from and --to there\.\n$/,
    ),
  ]);
  const refused = await startCli(["report", "--out", folder], env).ended();
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining(`The report could not be written to ${folder}: EISDIR`)]);
  expect(readFileSync(join(folder, "logs", "metric_log.csv"), "utf8").split("\n")).toHaveLength(444);
  expect((await startCli(["report", "--lane", "../x"], env).ended()).stderr).toMatch(
    /^error: option '--lane <lane>' argument '\.\.\/x' is invalid\./,
  );
  expect((await startCli(["report", "--from", "1e99"], env).ended()).stderr).toContain('"1e99" is no time: write 2026-11-28T00:00:00Z');
});
