import { Command } from "commander";
import { outliveReaders } from "./closed-pipe.js";

/** Each command, loaded when it is given: the models, charts and servers of all of them take a second to load. */
const COMMANDS: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  up: async () => (await import("./up/up-command.js")).addUpCommand,
  train: async () => (await import("./train.js")).addTrainCommand,
  model: async () => (await import("./model-inspect/inspect-command.js")).addModelCommand,
  score: async () => (await import("./score/score-command.js")).addScoreCommand,
  repartition: async () => (await import("./repartition/repartition-command.js")).addRepartitionCommand,
  verify: async () => (await import("./verify/verify-command.js")).addVerifyCommand,
  rows: async () => (await import("./rows/rows-command.js")).addRowsCommand,
  backup: async () => (await import("./backup/backup-commands.js")).addBackupCommand,
  restore: async () => (await import("./backup/backup-commands.js")).addRestoreCommand,
  windows: async () => (await import("./windows/windows-command.js")).addWindowsCommand,
  reference: async () => (await import("./drift/reference-command.js")).addReferenceCommand,
  drift: async () => (await import("./drift/drift-command.js")).addDriftCommand,
  segments: async () => (await import("./segments/segments-command.js")).addSegmentsCommand,
  backtest: async () => (await import("./backtest/backtest-command.js")).addBacktestCommand,
  report: async () => (await import("./report/report-command.js")).addReportCommand,
  alarms: async () => (await import("./alarms/alarms-command.js")).addAlarmsCommand,
  replay: async () => (await import("./replay/replay-command.js")).addReplayCommand,
  alerts: async () => (await import("./alerts/alerts-command.js")).addAlertsCommand,
  compare: async () => (await import("./lanes/compare-command.js")).addCompareCommand,
  promote: async () => (await import("./lanes/promote-command.js")).addPromoteCommand,
};

outliveReaders();

const program = new Command("streamgauge")
  // Without it a command would take the options of its subcommands for its own, as --lane of `alerts silence`. Subcommands inherit it.
  .enablePositionalOptions()
  .description("Scores a stream of feature rows with an ONNX regression and shows, while it runs, how wrong the model is.")
  .showHelpAfterError("(streamgauge --help lists the commands)");

const [given = ""] = process.argv.slice(2);
const wanted = Object.hasOwn(COMMANDS, given) ? [given] : Object.keys(COMMANDS);
for (const name of wanted) (await COMMANDS[name]?.())?.(program);
await program.parseAsync().catch(async (error: unknown) => {
  const { saysAll } = await import("./said-errors.js");
  if (!saysAll(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
