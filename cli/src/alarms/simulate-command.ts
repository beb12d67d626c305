import { ConfigError, errorText, readConfig, sentence, type Setting } from "@streamgauge/core";
import { SETTINGS as METRICS_SETTINGS, type AlarmSettings } from "@streamgauge/metrics";
import { InvalidArgumentError, type Command } from "commander";
import { SETTINGS } from "../settings.js";
import { NoMetricLogError, simulateAlarms } from "./simulate-log.js";
import { simulationJson, simulationText } from "./simulation-text.js";

const { ALARM_EVERY, ALARM_TOLERANCE, REFERENCE_ROWS } = METRICS_SETTINGS;

interface SimulateOptions {
  readonly every?: AlarmSettings["every"];
  readonly tolerance?: number;
  readonly reference?: number;
  readonly json?: boolean;
}

/** `streamgauge alarms simulate`: what the alarm would have raised over a past log. */
export function addSimulateCommand(alarms: Command): void {
  alarms
    .command("simulate")
    .description("run the alarm over a past log, and print what it would have raised, and when; rows count from 1 in the order of the log")
    .argument("<log>", "a metric log: a CSV file with the columns id, y_true, y_pred, absolute_error")
    .option("--every <rows>", "one false alarm in so many rows; default: ALARM_EVERY", argumentOf(ALARM_EVERY))
    .option("--tolerance <share>", "how much worse is no change, 0.05 for 5 %; default: ALARM_TOLERANCE", argumentOf(ALARM_TOLERANCE))
    .option("--reference <rows>", "rows that say how wrong the model usually is; default: REFERENCE_ROWS", argumentOf(REFERENCE_ROWS))
    .option("--json", "print one JSON object")
    .action((path: string, { every, tolerance, reference, json }: SimulateOptions) => {
      const config = readConfig(SETTINGS, process.env);
      const settings = {
        every: every ?? config.ALARM_EVERY,
        tolerance: tolerance ?? config.ALARM_TOLERANCE,
        referenceRows: reference ?? config.REFERENCE_ROWS,
        season: "none" as const,
      };
      if (!("rows" in settings.every))
        throw new ConfigError([
          `A log has no times: say --every <rows>, in place of the time in ${every === undefined ? "ALARM_EVERY" : "--every"}.`,
        ]);
      if (config.ALARM_SEASON !== "none") process.stderr.write("A log has no times: ALARM_SEASON is passed over.\n");
      printSimulation(path, settings, settings.every.rows, json === true);
    });
}

function printSimulation(path: string, settings: AlarmSettings, every: number, json: boolean): void {
  try {
    const simulation = simulateAlarms(path, settings);
    const { lines, first } = simulation.malformed;
    if (lines > 0)
      process.stderr.write(`${path}: ${lines} malformed lines are left out, and not counted as rows; the first begins at byte ${first}.\n`);
    process.stdout.write(json ? `${JSON.stringify(simulationJson(simulation))}\n` : simulationText(simulation, path, every));
  } catch (error) {
    if (!(error instanceof NoMetricLogError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

/** An option that is read as the setting is. */
function argumentOf<T>(setting: Setting<T>): (text: string) => T {
  return (text) => {
    try {
      return setting.parse(text);
    } catch (error) {
      throw new InvalidArgumentError(sentence(`It ${errorText(error)}`));
    }
  };
}
