import { readConfig } from "@streamgauge/core";
import { lengthOf, type WindowSize } from "@streamgauge/core/windows";
import { Option, type Command } from "commander";
import { SETTINGS } from "../settings.js";
import { NoStateError } from "../lane-state.js";
import { emptyRangeText } from "./empty-range.js";
import { readWindows, windowStarts } from "./read-windows.js";
import { windowOptions, type WindowOptions } from "./window-options.js";
import { windowsCsv, windowsTable } from "./windows-table.js";

interface WindowsOptions extends WindowOptions {
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** `streamgauge windows`: how wrong the predictions are, by window of event time. */
export function addWindowsCommand(program: Command): void {
  windowOptions(program.command("windows"))
    .description(
      "print how wrong the predictions are by window of event time, from the state in LOGS_DIR, while metrics runs or when it does not",
    )
    .option("--json", "print one JSON object, as GET /windows of the gateway")
    .addOption(new Option("--csv", "print CSV").conflicts("json"))
    .action(async ({ lane, size, from = -Infinity, to = Infinity, json, csv }: WindowsOptions) => {
      const { LOGS_DIR } = readConfig(SETTINGS, process.env);
      try {
        const windows = await readWindows(LOGS_DIR, { lane, size, from, to });
        if (json === true) process.stdout.write(`${JSON.stringify({ windows })}\n`);
        else if (csv === true) process.stdout.write(windowsCsv(windows));
        else process.stdout.write(windows.length > 0 ? windowsTable(windows) : await noWindows(LOGS_DIR, lane, size));
      } catch (error) {
        if (!(error instanceof NoStateError)) throw error;
        process.stderr.write(`${error.message}\n`);
        process.exitCode = 1;
      }
    });
}

async function noWindows(logsDir: string, lane: string, size: WindowSize): Promise<string> {
  const starts = await windowStarts(logsDir, { lane, size });
  return `${emptyRangeText({ lane, what: `windows of ${size}`, starts, length: lengthOf(size) })}\n`;
}
