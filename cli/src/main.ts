import { ConfigError, TopologyError } from "@streamgauge/core";
import { Command } from "commander";
import { addScoreCommand } from "./score/score-command.js";
import { addCompareCommand } from "./lanes/compare-command.js";
import { addPromoteCommand } from "./lanes/promote-command.js";
import { addTrainCommand } from "./train.js";
import { addModelCommand } from "./model-inspect/inspect-command.js";
import { addReplayCommand, BrokerAwayError } from "./replay/replay-command.js";
import { addUpCommand } from "./up/up-command.js";
import { addVerifyCommand } from "./verify/verify-command.js";

const program = new Command("streamgauge")
  .description("Scores a stream of feature rows with an ONNX regression and shows, while it runs, how wrong the model is.")
  .showHelpAfterError("(streamgauge --help lists the commands)");
addUpCommand(program);
addTrainCommand(program);
addModelCommand(program);
addScoreCommand(program);
addVerifyCommand(program);
addReplayCommand(program);
addCompareCommand(program);
addPromoteCommand(program);
await program.parseAsync().catch((error: unknown) => {
  if (!(error instanceof ConfigError || error instanceof TopologyError || error instanceof BrokerAwayError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
