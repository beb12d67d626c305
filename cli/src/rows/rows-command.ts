import { existsSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, readConfig } from "@streamgauge/core";
import { missingPart, partsOf, withLog } from "@streamgauge/core/metric-log";
import { InvalidArgumentError, type Command } from "commander";
import { SETTINGS } from "../settings.js";
import { bytesOf, rowOf } from "./chosen-rows.js";

interface Options {
  readonly log: string;
  readonly row?: number;
  readonly from?: number;
  readonly to?: number;
}

/** `streamgauge rows`: the lines of a log with all its parts. */
export function addRowsCommand(program: Command): void {
  program
    .command("rows")
    .description("print rows of a log in LOGS_DIR as CSV, over all its parts; without options all of them")
    .option("--log <name>", "the log, as alerts and the live page name it", "metric_log.csv")
    .option("--row <number>", "only this row of the log, as worst rows have it", wholeNumber)
    .option("--from <bytes>", "only from this position on, as alerts have it", wholeNumber)
    .option("--to <bytes>", "only up to this position", wholeNumber)
    .action((options: Options) => printRows(options));
}

function printRows({ log: name, row, from, to }: Options): void {
  const { LOGS_DIR } = readConfig(SETTINGS, process.env);
  const path = join(LOGS_DIR, name);
  const parts = partsOf(path);
  if (!existsSync(path) && parts.length === 0) throw new ConfigError([`There is no log ${path}: check LOGS_DIR and --log.`]);
  withLog(path, (log) => {
    for (const gap of log.gaps ?? []) process.stderr.write(`${missingPart(gap.path)}\n`);
    const pieces = row === undefined ? bytesOf(log, from, to) : rowOf(log, row, path);
    for (const piece of pieces) process.stdout.write(piece);
  });
}

function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number.");
}
