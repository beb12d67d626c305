import { readFileSync } from "node:fs";
import { errorText, readConfig, replaceFile } from "@streamgauge/core";
import { fittingReport } from "@streamgauge/gateway";
import { alarmSettings, modelsOfLane, Monitor } from "@streamgauge/metrics";
import type { Command } from "commander";
import { NoVersionError, requireVersion, WINDOWS } from "../known-version.js";
import { NoStateError, withLaneState, type PartitionState } from "../lane-state.js";
import { SETTINGS } from "../settings.js";
import { windowOptions, type WindowOptions } from "../windows/window-options.js";
import { laneHistory, versionsIn } from "./lane-history.js";
import { reportContents } from "./report-content.js";

interface ReportOptions extends WindowOptions {
  readonly model: string;
  readonly out?: string;
}

/** The report goes to standard output. */
const STANDARD_OUTPUT = "-";

/** `streamgauge report`: the windows of a range as one HTML file. */
export function addReportCommand(program: Command): void {
  windowOptions(program.command("report"))
    .description(
      "write the windows of a range as one HTML file with charts and tables, from the state in LOGS_DIR, while metrics runs or when it does not",
    )
    .option("--model <version>", "show MAE, RMSE and bias over time of this model version; default: of all versions", "")
    .option("--out <file>", 'where to write it; "-" is the standard output (default: report-<lane>.html)')
    .action(async ({ out, ...options }: ReportOptions) => {
      const config = readConfig(SETTINGS, process.env);
      const { lane, size, model, from = -Infinity, to = Infinity } = options;
      const now = Date.now();
      const request = { lane, size, model, from, to, now, writtenAt: now, version: ownVersion() };
      try {
        const report = await withLaneState(config.LOGS_DIR, lane, (parts) => {
          const history = laneHistory(parts, size, alarmSettings(config));
          if (model !== "") requireVersion(WINDOWS, [...new Set([...versionsIn(history), ...versionsWithBins(parts)])], model);
          return fittingReport(reportContents(request, history));
        });
        if (out === STANDARD_OUTPUT) process.stdout.write(report.html);
        else writeReport(out ?? `report-${lane}.html`, report);
      } catch (error) {
        if (!(error instanceof NoStateError || error instanceof NoVersionError)) throw error;
        process.stderr.write(`${error.message}\n`);
        process.exitCode = 1;
      }
    });
}

/** They may have no label yet. */
function versionsWithBins(parts: readonly PartitionState[]): string[] {
  return modelsOfLane(parts.flatMap(({ store }) => Monitor.read(store) ?? []));
}

function writeReport(path: string, { html, says }: { readonly html: string; readonly says: string }): void {
  try {
    replaceFile(path, html);
  } catch (error) {
    process.stderr.write(`The report could not be written to ${path}: ${errorText(error)}. Choose another file with --out.\n`);
    process.exitCode = 1;
    return;
  }
  const kilobytes = Math.ceil(Buffer.byteLength(html) / 1_000);
  process.stdout.write(`${path}, ${kilobytes} kB: ${says}\n`);
}

function ownVersion(): string {
  return Object(JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))).version;
}
