import type { Command } from "commander";
import { addSimulateCommand } from "./simulate-command.js";

/** `streamgauge alarms`: when the error of the model changed. */
export function addAlarmsCommand(program: Command): void {
  const alarms = program.command("alarms").description("look at the alarm on the error");
  addSimulateCommand(alarms);
}
