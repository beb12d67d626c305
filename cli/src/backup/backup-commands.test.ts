import { rmSync } from "node:fs";
import {
  CHAMPION,
  createLogger,
  Ids,
  labelContract,
  LABELS,
  MemoryBroker,
  MemoryBus,
  predictionContract,
  predictionsOf,
  topologyOf,
} from "@streamgauge/core";
import { partFilesOf } from "@streamgauge/core/metric-log";
import { SETTINGS, start } from "@streamgauge/metrics";
import { startServiceOn, until } from "@streamgauge/testing";
import { freshFolder } from "@streamgauge/testing/vitest";
import { Command } from "commander";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { addBackupCommand, addRestoreCommand } from "./backup-commands.js";

const folder = freshFolder();
const log = createLogger("test", "silent");
const ROWS = 9_000;

/** A log of two parts: the commit after the one that fills a part begins the next. */
beforeEach(async () => {
  const broker = new MemoryBroker(topologyOf([CHAMPION]));
  const bus = new MemoryBus(broker, "test", log);
  const settings = { LOGS_DIR: folder.at("logs"), LOG_ROTATE: "10kB" };
  const metrics = await startServiceOn(new MemoryBus(broker, "metrics", log), { SETTINGS, start }, settings);
  for (const [first, rows] of [
    [0, ROWS - 1],
    [ROWS - 1, 1],
  ] as const) {
    const ids = Ids.of(Array.from({ length: rows }, (_, i) => `row-${first + i}`));
    const values = new Float64Array(rows).fill(3);
    await bus.publish(LABELS, labelContract.write({ ids, y_true: values }, "arrow", Date.now()));
    const predictions = { ids, y_pred: values, model: "m@1", unit: "" };
    await bus.publish(predictionsOf(CHAMPION), predictionContract.write(predictions, "arrow", Date.now()));
    await until(
      "the rows are committed",
      () => metrics.running.state?.log.lines,
      (lines) => lines === first + rows,
      20_000,
    );
  }
  expect(partFilesOf(folder.at("logs/metric_log.csv"))).toHaveLength(1);
  await metrics.close();
});

afterEach(() => void vi.unstubAllEnvs());

/** What a command says. */
async function run(logsDir: string, ...given: readonly string[]): Promise<string> {
  vi.stubEnv("LOGS_DIR", folder.at(logsDir));
  const program = new Command();
  addBackupCommand(program);
  addRestoreCommand(program);
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    await program.parseAsync(["node", "streamgauge", ...given]);
    return write.mock.calls.map(([text]) => String(text)).join("");
  } finally {
    write.mockRestore();
  }
}

test("a backup and what is restored from it say that every row adds up", async () => {
  expect(await run("logs", "backup", folder.at("backup"))).toMatch(
    /has lane champion with 9000 lines \(\d+ files, \d+ bytes\)\. Every row adds up\.\n$/,
  );
  expect(await run("restored", "restore", folder.at("backup"))).toMatch(
    /has lane champion with 9000 lines, as of [-0-9T:.]+Z\. Every row adds up\. What was logged after that must be sent again\.\n$/,
  );
});

test("those of a log with a missing part say what they lack", async () => {
  const [part] = partFilesOf(folder.at("logs/metric_log.csv"));
  rmSync(part?.path ?? "");
  const lacks =
    /Every row that is left adds up\. NOT CHECKED: \S+metric_log\.000001-\d{8}\.csv(\.gz)? is missing: its \d+ lines were not checked/;
  expect(await run("logs", "backup", folder.at("backup"))).toMatch(lacks);
  expect(await run("restored", "restore", folder.at("backup"))).toMatch(lacks);
});
