import { connectBus, createLogger, MOST_PARTITIONS, quote, readConfig, topologyOf } from "@streamgauge/core";
import { alarmSettings } from "@streamgauge/metrics";
import { InvalidArgumentError, type Command } from "commander";
import { SETTINGS } from "../settings.js";
import { repartition } from "./repartition.js";

/** `streamgauge repartition`: another number of partitions. */
export function addRepartitionCommand(program: Command): void {
  program
    .command("repartition")
    .description(
      "divide the logs in LOGS_DIR into another number of partitions, while metrics does not run; needs AMQP_URL as the services have it. Killed, it goes on when it is run again",
    )
    .requiredOption("--to <number>", "the number of partitions", partitionsOf)
    .action(async ({ to }: { readonly to: number }) => {
      const config = readConfig(SETTINGS, process.env);
      const {
        LOGS_DIR: logsDir,
        AMQP_URL: url,
        INTERVAL_COVERAGE: intervalCoverage,
        LABEL_RETENTION_MS: retentionMs,
        LOG_ROTATE: rotation,
      } = config;
      const log = createLogger("repartition", config.LOG_LEVEL);
      const connect = (lanes: readonly string[], partitions: number) =>
        connectBus({ url, topology: topologyOf(lanes, partitions), name: "repartition", log });
      const say = (text: string) => void process.stdout.write(`${text}\n`);
      await repartition({
        logsDir,
        to,
        alarm: alarmSettings(config),
        intervalCoverage,
        retentionMs,
        rotation,
        connect: url === "" ? undefined : connect,
        say,
      });
    });
}

function partitionsOf(text: string): number {
  const number = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= MOST_PARTITIONS) return number;
  throw new InvalidArgumentError(`${quote(text)} is no number of partitions: write one from 1 to ${MOST_PARTITIONS}.`);
}
