import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError, readConfig, replaceFile } from "@streamgauge/core";
import { WINDOW_SIZE_NAMES, type WindowSize } from "@streamgauge/core/windows";
import { DatasetError } from "@streamgauge/features";
import { alarmSettings, durationOf, loadRules, type ReplayOptions } from "@streamgauge/metrics";
import { ModelError, modelOptions, openForServing, unwatchedFeatures, type OnnxModel } from "@streamgauge/model";
import { comparisonText } from "@streamgauge/plot";
import { InvalidArgumentError, Option, type Command } from "commander";
import { compareLanes } from "../lanes/compare-command.js";
import { SETTINGS, type AllConfig } from "../settings.js";
import { backtest } from "./backtest.js";
import { backtestJson } from "./backtest-json.js";
import { backtestText, refusedText } from "./backtest-text.js";
import { predictHistory, type HistoryColumns, type ReadHistory } from "./history.js";
import { asTyped, ReportPathError, requireFeatures, requireWritable } from "./requirements.js";

interface BacktestOptions {
  readonly against?: string;
  readonly target?: string;
  readonly time?: string;
  readonly id?: string;
  readonly labelDelay: number;
  readonly size?: WindowSize;
  readonly out: string;
  readonly json?: boolean;
}

const CHALLENGER = "challenger";

/** `streamgauge backtest`: a model over history, through the code of the live services. */
export function addBacktestCommand(program: Command): void {
  program
    .command("backtest")
    .description(
      "run a model over a history as if it had scored the rows while they happened, and write the report: windows, alarms, drift, segments, intervals. Exits 1 if a bound of ALERTS_PATH is broken. Uses no broker and no running service",
    )
    .argument("<model>", "the ONNX file")
    .argument("<data>", "CSV file with features, label and event time")
    .option("--against <model>", "compare another model with it, row by row")
    .option("--target <column>", "the column of labels; default: TARGET_COLUMN")
    .option("--time <column>", "the column of event times; default: TIME_COLUMN")
    .option("--id <column>", "the column of ids; default: ID_COLUMN, else rows are numbered from 1")
    .option("--label-delay <time>", "how long after its event a label comes, as 1h or 2d", durationArgument, 0)
    .addOption(new Option("--size <size>", "the windows of the report (default: 1h, of more than 90 days 1d)").choices(WINDOW_SIZE_NAMES))
    .option("--out <file>", "where to write the report", "backtest.html")
    .option("--json", "print one JSON object")
    .action(async (model: string, data: string, options: BacktestOptions) => {
      try {
        await runBacktest(model, data, options);
      } catch (error) {
        if (!(error instanceof ModelError || error instanceof DatasetError || error instanceof ReportPathError)) throw error;
        process.stderr.write(`${asTyped(error.message, options)}\n`);
        process.exitCode = 1;
      }
    });
}

function durationArgument(given: string): number {
  const ms = given === "0" ? 0 : durationOf(given);
  if (ms === undefined) throw new InvalidArgumentError("Write a number and s, m, h or d, as in 90m.");
  return ms;
}

async function runBacktest(modelPath: string, data: string, options: BacktestOptions): Promise<void> {
  const config = readConfig(SETTINGS, process.env);
  const columns = columnsOf(config, options, data);
  const logsDir = mkdtempSync(join(tmpdir(), "streamgauge-backtest-"));
  try {
    const began = performance.now();
    const replay = replayOptions(config, options);
    requireWritable(options.out);
    const paths = options.against === undefined ? [modelPath] : [modelPath, options.against];
    const [read, against] = await predictedBy(paths, data, columns, config);
    if (read === undefined) throw new TypeError("No model was asked.");
    const version = ownVersion();
    const found = await backtest(read.history, { ...replay, logsDir, size: options.size, version });
    replaceFile(options.out, found.report.html);
    if (against !== undefined) await backtest(against.history, { ...replay, rules: undefined, logsDir, lane: CHALLENGER, version });
    const ended = new Date(found.endedAt);
    const compared = against === undefined ? undefined : await compareLanes(logsDir, CHALLENGER, read.history.unit, ended);
    const seconds = (performance.now() - began) / 1000;
    if (options.json === true) process.stdout.write(`${JSON.stringify(backtestJson(found, read, compared))}\n`);
    else {
      process.stdout.write(backtestText(found, read.history.unit));
      for (const each of [read, against]) if (each !== undefined) process.stdout.write(refusedText(each));
      if (compared !== undefined && against !== undefined)
        process.stdout.write(`\nchampion ${found.model}, challenger ${against.history.model}\n${comparisonText(compared)}`);
      process.stdout.write(`\n${read.history.times.length} rows in ${seconds.toFixed(1)} s. ${options.out}: ${found.report.says}\n`);
    }
    if (found.fired.length > 0) process.exitCode = 1;
  } finally {
    rmSync(logsDir, { recursive: true, force: true });
  }
}

/** @throws DatasetError if no column of event times is named. */
function columnsOf(config: AllConfig, { target, time, id }: BacktestOptions, data: string): HistoryColumns {
  const timeColumn = time ?? config.TIME_COLUMN;
  if (timeColumn === "")
    throw new DatasetError(data, "says nowhere when its rows happened: name the column with --time, or set TIME_COLUMN.");
  return {
    target: target ?? config.TARGET_COLUMN,
    time: timeColumn,
    timeZone: config.TIME_ZONE,
    id: id ?? config.ID_COLUMN,
    textColumns: config.TEXT_COLUMNS,
    monitored: config.MONITOR_FEATURES,
    referenceRows: config.REFERENCE_ROWS,
  };
}

/** What each model says of the history. All of them are opened before the first one is asked, which takes long. @throws ConfigError */
async function predictedBy(
  paths: readonly string[],
  data: string,
  columns: HistoryColumns,
  config: AllConfig,
): Promise<readonly ReadHistory[]> {
  const models: OnnxModel[] = [];
  try {
    for (const path of paths) models.push(await opened(path, data, columns, config));
    const [first] = models;
    const unwatched = first === undefined ? undefined : unwatchedFeatures(first, columns.monitored);
    if (unwatched !== undefined) throw new ConfigError([unwatched]);
    const read: ReadHistory[] = [];
    for (const model of models) read.push(await predictHistory(model, data, columns, config.BATCH_ROWS));
    return read;
  } finally {
    for (const model of models) await model.close();
  }
}

async function opened(path: string, data: string, columns: HistoryColumns, config: AllConfig): Promise<OnnxModel> {
  const settings = { ...config, TARGET_COLUMN: columns.target, ID_COLUMN: columns.id, TIME_COLUMN: columns.time };
  const modelSettings = await modelOptions(settings, data);
  const model = await openForServing(path, config.BATCH_ROWS, modelSettings);
  try {
    // Unknown if it cannot be read: then reading its rows says why.
    if (modelSettings.dataset !== undefined) requireFeatures(model.features, data, columns, modelSettings.dataset);
    return model;
  } catch (error) {
    await model.close();
    throw error;
  }
}

function replayOptions(config: AllConfig, { labelDelay }: BacktestOptions): ReplayOptions {
  return {
    alarm: alarmSettings(config),
    intervalCoverage: config.INTERVAL_COVERAGE,
    retentionMs: config.LABEL_RETENTION_MS,
    // Without a file there are no bounds that someone has set.
    rules: config.ALERTS_PATH === "" ? undefined : loadRules(config.ALERTS_PATH),
    labelDelayMs: labelDelay,
  };
}

function ownVersion(): string {
  return Object(JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))).version;
}
