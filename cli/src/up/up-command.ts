import type { Command } from "commander";
import { runUp } from "./run-up.js";

/** `streamgauge up`: all services in this process. */
export function addUpCommand(program: Command): void {
  program
    .command("up")
    .description("run all services in one process, in memory or over the RabbitMQ of AMQP_URL; settings are environment variables")
    .action(runUp);
}
