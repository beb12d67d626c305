import { ConfigError, TopologyError } from "@streamgauge/core";
import { Command } from "commander";
import { addAlertsCommand } from "./alerts/alerts-command.js";
import { addAlarmsCommand } from "./alarms/alarms-command.js";
import { addScoreCommand } from "./score/score-command.js";
import { addCompareCommand } from "./lanes/compare-command.js";
import { addPromoteCommand } from "./lanes/promote-command.js";
import { addTrainCommand } from "./train.js";
import { addModelCommand } from "./model-inspect/inspect-command.js";
import { addReportCommand } from "./report/report-command.js";
import { addReplayCommand } from "./replay/replay-command.js";
import { UnmatchedFileError } from "./replay/unmatched.js";
import { addUpCommand } from "./up/up-command.js";
import { BrokerAwayError } from "./with-broker.js";
import { addVerifyCommand } from "./verify/verify-command.js";
import { addWindowsCommand } from "./windows/windows-command.js";

const program = new Command("streamgauge")
  // Without it a command would take the options of its subcommands for its own, as --lane of `alerts silence`. Subcommands inherit it.
  .enablePositionalOptions()
  .description("Scores a stream of feature rows with an ONNX regression and shows, while it runs, how wrong the model is.")
  .showHelpAfterError("(streamgauge --help lists the commands)");
addUpCommand(program);
addTrainCommand(program);
addModelCommand(program);
addScoreCommand(program);
addVerifyCommand(program);
addWindowsCommand(program);
addReportCommand(program);
addAlarmsCommand(program);
addReplayCommand(program);
addAlertsCommand(program);
addCompareCommand(program);
addPromoteCommand(program);
/** Errors whose message is all that a user needs. */
const SAID = [ConfigError, TopologyError, BrokerAwayError, UnmatchedFileError];
await program.parseAsync().catch((error: unknown) => {
  if (!(error instanceof Error) || !SAID.some((kind) => error instanceof kind)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
