import { CHAMPION, quote, readConfig } from "@streamgauge/core";
import { WINDOW_SIZE_NAMES, type WindowSize } from "@streamgauge/core/windows";
import { InvalidArgumentError, Option, type Command } from "commander";
import { endWithReader } from "../end-with-reader.js";
import { SETTINGS } from "../settings.js";
import { NoStateError } from "../lane-state.js";
import { readWindows } from "./read-windows.js";
import { windowsCsv, windowsTable } from "./windows-table.js";

interface WindowsOptions {
  readonly lane: string;
  readonly size: WindowSize;
  readonly from?: number;
  readonly to?: number;
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** `streamgauge windows`: how wrong the predictions are, by window of event time. */
export function addWindowsCommand(program: Command): void {
  program
    .command("windows")
    .description(
      "print how wrong the predictions are by window of event time, from the state in LOGS_DIR, while metrics runs or when it does not",
    )
    .option("--lane <lane>", "the lane", CHAMPION)
    .addOption(new Option("--size <size>", "the length of the windows").choices(WINDOW_SIZE_NAMES).default("1h"))
    .option("--from <time>", "windows that begin at this time or later: RFC 3339, or ms since 1970", timeOf)
    .option("--to <time>", "windows that begin before this time", timeOf)
    .option("--json", "print one JSON object, as GET /windows of the gateway")
    .addOption(new Option("--csv", "print CSV").conflicts("json"))
    .action(async ({ lane, size, from = -Infinity, to = Infinity, json, csv }: WindowsOptions) => {
      endWithReader();
      const { LOGS_DIR } = readConfig(SETTINGS, process.env);
      try {
        const windows = await readWindows(LOGS_DIR, { lane, size, from, to });
        if (json === true) process.stdout.write(`${JSON.stringify({ windows })}\n`);
        else process.stdout.write(csv === true ? windowsCsv(windows) : windowsTable(windows));
      } catch (error) {
        if (!(error instanceof NoStateError)) throw error;
        process.stderr.write(`${error.message}\n`);
        process.exitCode = 1;
      }
    });
}

/** ms since 1970. @throws InvalidArgumentError */
function timeOf(text: string): number {
  const time = /^-?\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isFinite(time)) return time;
  throw new InvalidArgumentError(`${quote(text)} is no time: write 2026-11-28T00:00:00Z, or ms since 1970.`);
}
