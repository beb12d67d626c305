import { CHAMPION, ConfigError, quote, readConfig, topologyOf } from "@streamgauge/core";
import { addSilence, durationOf, loadRules, readSilences } from "@streamgauge/metrics";
import { InvalidArgumentError, type Command } from "commander";
import { positive } from "../positive.js";
import { NoStateError, withFirstState } from "../lane-state.js";
import { withBroker } from "../with-broker.js";
import { SETTINGS } from "../settings.js";
import { alertsList, alertsText } from "./alerts-list.js";
import { testReceivers, testThroughBroker } from "./test-alert.js";

interface ListFlags {
  readonly lane: string;
  readonly json?: boolean;
  readonly test?: boolean;
  /** s. */
  readonly wait: number;
}

interface SilenceFlags {
  readonly lane?: string;
  /** ms. */
  readonly for: number;
}

/** `streamgauge alerts`: lists alerts, tries the receivers, and silences rules. */
export function addAlertsCommand(program: Command): void {
  const alerts = program
    .command("alerts")
    .description("print the rules and alerts of a lane, from the state in LOGS_DIR, while metrics runs or when it does not")
    .option("--lane <lane>", "the lane", CHAMPION)
    .option("--json", "print one JSON object")
    .option("--test", "send a sample to all receivers instead: through RabbitMQ if AMQP_URL is set, by this process otherwise")
    .option("--wait <seconds>", "how long --test waits for RabbitMQ", positive, 30)
    .action(({ test, wait, ...flags }: ListFlags) => (test === true ? tryReceivers(wait) : list(flags)));
  alerts
    .command("silence")
    .description("send no alerts of a rule for a time; what still fires at its end is sent then")
    .argument("<rule>", "the name of the rule")
    .requiredOption("--for <time>", "how long, such as 30m, 2h or 7d; 0s ends a silence", timeSpan)
    .option("--lane <lane>", "in this lane alone")
    .action(silence);
}

function timeSpan(text: string): number {
  const ms = durationOf(text);
  if (ms === undefined) throw new InvalidArgumentError(`${quote(text)} is no time: write 30m, 2h or 7d.`);
  return ms;
}

async function list({ lane, json }: Omit<ListFlags, "wait">): Promise<void> {
  const { LOGS_DIR } = readConfig(SETTINGS, process.env);
  try {
    const silences = readSilences(LOGS_DIR, Date.now());
    const listed = await withFirstState(LOGS_DIR, lane, (store) =>
      alertsList(lane, store.alerting(), store.alertHistory()?.alerts ?? [], silences),
    );
    process.stdout.write(json === true ? `${JSON.stringify(listed)}\n` : alertsText(listed));
  } catch (error) {
    if (!(error instanceof NoStateError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

function silence(rule: string, { for: ms, lane }: SilenceFlags): void {
  const { LOGS_DIR, ALERTS_PATH } = readConfig(SETTINGS, process.env);
  const names = loadRules(ALERTS_PATH).map(({ name }) => name);
  if (!names.includes(rule))
    throw new ConfigError([`There is no rule ${quote(rule)}: it must be one of ${names.join(", ")}. Is ALERTS_PATH as for metrics?`]);
  const now = Date.now();
  addSilence(LOGS_DIR, { rule, lane: lane ?? null, until: now + ms }, now);
  const where = lane === undefined ? "in all lanes" : `in lane ${lane}`;
  process.stdout.write(
    ms === 0
      ? `Alerts of ${rule} are sent ${where}.\n`
      : `No alerts of ${rule} are sent ${where} until ${new Date(now + ms).toISOString()}.\n`,
  );
}

async function tryReceivers(seconds: number): Promise<void> {
  const config = readConfig(SETTINGS, process.env);
  const { isGood, said } =
    config.AMQP_URL === ""
      ? await testReceivers(config)
      : await withBroker(
          { url: config.AMQP_URL, topology: topologyOf([CHAMPION], config.PARTITIONS), name: "alerts-test", seconds },
          testThroughBroker,
        );
  process.stdout.write(`${said.join("\n")}\n`);
  if (!isGood) process.exitCode = 1;
}
