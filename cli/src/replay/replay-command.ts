import {
  CHAMPION,
  ConfigError,
  DEAD_QUEUE,
  describeRefusal,
  printable,
  readConfig,
  readPartitions,
  topologyOf,
  LanePartition,
  type Bus,
} from "@streamgauge/core";
import { lanePaths } from "@streamgauge/core/metric-log";
import { Option, type Command } from "commander";
import { positive } from "../positive.js";
import { laneArgument } from "../lanes/lane-argument.js";
import { listDeadLetters, resendDeadLetters, type DeadLetter, type LetterFilter } from "./dead-letters.js";
import { resendUnmatched } from "./unmatched.js";
import { SETTINGS } from "../settings.js";
import { withBroker } from "../with-broker.js";

interface Waiting {
  /** In seconds. */
  readonly wait: number;
}

interface Flags extends LetterFilter, Waiting {
  readonly limit: number;
  readonly json?: boolean;
}

const NO_BROKER =
  "AMQP_URL is not set: this command works over RabbitMQ. Without a broker, as with npm start, dead letters are in the memory of the running process: " +
  "its live page lists them by reason. Mend the cause, and send the rows again under the same ids.";

/** The longest body that is shown, in characters. */
const SHOWN = 20_000;

/** `streamgauge replay …`: lists unusable messages, and sends them again once the cause is fixed. */
export function addReplayCommand(program: Command): void {
  const replay = program.command("replay").description("look at dead letters and unmatched halves, and send them again; needs AMQP_URL");
  filtered(replay.command("list"))
    .description("list dead letters with their reasons; they stay where they are")
    .option("--json", "print one JSON object a line")
    .action((flags: Flags) =>
      withBus(flags, async (bus) => {
        const waiting = await bus.depth(DEAD_QUEUE);
        const letters = await listDeadLetters(bus, flags, flags.limit);
        for (const letter of letters) process.stdout.write(flags.json === true ? `${JSON.stringify(asJson(letter))}\n` : lineOf(letter));
        if (flags.json !== true) process.stdout.write(`${counted(letters.length, "dead letter")}.\n`);
        tellLimit(waiting, flags.limit);
      }),
    );
  filtered(replay.command("show"))
    .description("print dead letters whole: properties, headers and body")
    .action((flags: Flags) =>
      withBus(flags, async (bus) => {
        for (const letter of await listDeadLetters(bus, flags, flags.limit)) process.stdout.write(whole(letter));
      }),
    );
  filtered(replay.command("send"))
    .description("send dead letters back to where they were sent first, after the cause is mended")
    .option("--all", "all of them; without it a filter is asked for")
    .action((flags: Flags & { readonly all?: boolean }) => {
      const { id, type, stage, reason } = flags;
      if (flags.all !== true && [id, type, stage, reason].every((filter) => filter === undefined)) {
        throw new ConfigError(["Say which dead letters are meant (--id, --type, --stage, --reason), or --all."]);
      }
      return withBus(flags, async (bus) => {
        const waiting = await bus.depth(DEAD_QUEUE);
        const { sent, stuck } = await resendDeadLetters(bus, flags, flags.limit);
        process.stdout.write(`Sent again: ${counted(sent, "dead letter")}.\n`);
        for (const { letter, why } of stuck) process.stdout.write(`Not sent (${why}): ${lineOf(letter)}`);
        tellLimit(waiting, flags.limit);
        if (stuck.length > 0) process.exitCode = 1;
      });
    });
  patient(replay.command("unmatched"))
    .description("send the halves in unmatched.csv of LOGS_DIR again, for partners that came since")
    .option("--lane <lane>", "the lane whose halves are sent", laneArgument, CHAMPION)
    .action(({ lane, wait }: Waiting & { readonly lane: string }) =>
      withBus({ wait }, async (bus, logsDir) => {
        let sent = 0;
        for (const partition of LanePartition.all(lane, readPartitions(logsDir)))
          sent += await resendUnmatched(bus, lanePaths(logsDir, partition).unmatched, lane);
        process.stdout.write(`Sent again: ${counted(sent, "line")} of unmatched.csv.\n`);
      }),
    );
}

function patient(command: Command): Command {
  return command.option("--wait <seconds>", "how long RabbitMQ is waited for", positive, 30);
}

function filtered(command: Command): Command {
  return patient(command)
    .option("--id <messageId>", "the dead letter with this message id")
    .addOption(new Option("--type <type>", "only messages of this type").choices(["features", "y_true", "y_pred", "alert"]))
    .option("--stage <service>", "only what this service refused: model, metrics or alerts")
    .option("--reason <text>", "only if the reason has this text")
    .option("--limit <number>", "how many dead letters are looked at", positive, 1_000);
}

async function withBus({ wait }: Waiting, work: (bus: Bus, logsDir: string) => Promise<void>): Promise<void> {
  const { AMQP_URL: url, LOGS_DIR: logsDir, PARTITIONS: partitions } = readConfig(SETTINGS, process.env);
  if (url === "") throw new ConfigError([NO_BROKER]);
  await withBroker({ url, topology: topologyOf([CHAMPION], partitions), name: "replay", seconds: wait }, (bus) => work(bus, logsDir));
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** Says so if more dead letters wait than were read. */
function tellLimit(waiting: number, limit: number): void {
  if (waiting > limit)
    process.stderr.write(`Only ${limit} of the ${waiting} dead letters were looked at: --limit ${waiting} looks at all.\n`);
}

function lineOf({ id, type, stage, time, reason, bytes }: DeadLetter): string {
  return `${printable(`${id}  ${time}  ${stage}  ${type === "" ? "(no type)" : type}  ${bytes} bytes`)}\n    ${printable(reason)}\n`;
}

function asJson({ id, type, stage, time, reason, refusals, bytes, target, delivery }: DeadLetter) {
  return { id, type, stage, time, reason, refusals, bytes, target, headers: delivery.headers, body: bodyText(delivery.body) };
}

function whole(letter: DeadLetter): string {
  const { delivery, refusals } = letter;
  const rows = refusals.map((refusal) => `    ${printable(describeRefusal(refusal))}\n`).join("");
  const headers = Object.entries(delivery.headers).map(
    ([name, value]) => `    ${printable(`${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)}`,
  );
  return `${lineOf(letter)}  content type: ${printable(delivery.contentType ?? "(none)")}\n  headers:\n${headers.join("\n")}\n${rows === "" ? "" : `  rows:\n${rows}`}  body:\n${linesOf(bodyText(delivery.body))}\n\n`;
}

/** Text with its lines, in which every other character is seen. */
function linesOf(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** Text as it is; other bytes in base64. */
function bodyText(body: Buffer): string {
  const text = body.toString("utf8");
  const shown = Buffer.from(text).equals(body) ? text : `base64:${body.toString("base64")}`;
  return shown.length > SHOWN ? `${shown.slice(0, SHOWN)}… (${body.length} bytes)` : shown;
}
