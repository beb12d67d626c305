import { Command } from "commander";
import { addTrainCommand } from "./train.js";
import { addUpCommand } from "./up/up-command.js";

const program = new Command("streamgauge")
  .description("Scores a stream of feature rows with an ONNX regression and shows, while it runs, how wrong the model is.")
  .showHelpAfterError("(streamgauge --help lists the commands)");
addUpCommand(program);
addTrainCommand(program);
await program.parseAsync();
