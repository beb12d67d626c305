import type { Command } from "commander";
import { loadService } from "./threads/service-worker.js";

/** `streamgauge up`: all services in this process. */
export function addUpCommand(program: Command): void {
  program
    .command("up")
    .description("run all services in one process, in memory or over the RabbitMQ of AMQP_URL; settings are environment variables")
    .action(async () => {
      // Rows wait for metrics: it loads beside all others.
      const metrics = loadService("metrics");
      const { runUp } = await import("./run-up.js");
      await runUp(metrics);
    });
}
