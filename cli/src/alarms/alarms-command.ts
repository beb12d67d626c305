import { CHAMPION, readConfig } from "@streamgauge/core";
import { alarmSettings } from "@streamgauge/metrics";
import type { Command } from "commander";
import { laneArgument } from "../lanes/lane-argument.js";
import { SETTINGS } from "../settings.js";
import { laneAlarmsJson, laneAlarmsText } from "./alarms-text.js";
import { NoAlarmsError, readAlarms } from "./read-alarms.js";
import { addSimulateCommand } from "./simulate-command.js";

/** `streamgauge alarms`: whether the error of the model changed, and when. */
export function addAlarmsCommand(program: Command): void {
  const alarms = program
    .command("alarms")
    .description(
      "print baseline, state and history of the alarm on the error, from the state in LOGS_DIR, while metrics runs or when it does not",
    )
    .option("--lane <lane>", "the lane", laneArgument, CHAMPION)
    .option("--json", "print one JSON object")
    .action(async ({ lane, json }: { readonly lane: string; readonly json?: boolean }) => {
      const config = readConfig(SETTINGS, process.env);
      try {
        const read = await readAlarms(config.LOGS_DIR, lane, alarmSettings(config));
        process.stdout.write(json === true ? `${JSON.stringify(laneAlarmsJson(read))}\n` : laneAlarmsText(read));
      } catch (error) {
        if (!(error instanceof NoAlarmsError)) throw error;
        process.stderr.write(`${error.message}\n`);
        process.exitCode = 1;
      }
    });
  addSimulateCommand(alarms);
}
