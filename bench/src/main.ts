import { RabbitMqMissingError } from "@streamgauge/testing";
import { Command, InvalidArgumentError } from "commander";
import { CASE_NAMES, UnknownCaseError } from "./case/bench-cases.js";
import { runGatewayBench } from "./gateway/run-gateway-bench.js";
import { RunStalledError } from "./pipeline/run-watch.js";
import { ServiceFailedError } from "./pipeline/service-process.js";
import { runPageBench } from "./live-page/run-page-bench.js";
import { runBench } from "./run-bench.js";
import { TaskFailedError } from "./system/child-task.js";

interface BenchFlags {
  readonly cases?: readonly string[];
  readonly runs: number;
  readonly rows?: number;
  readonly profile?: true;
  readonly json?: true;
  readonly markdown?: true;
  readonly picture?: string;
}

/** Errors whose message says all that helps. */
const EXPECTED = [RabbitMqMissingError, UnknownCaseError, RunStalledError, ServiceFailedError, TaskFailedError];

const program = new Command("bench");
program
  .command("pipeline", { isDefault: true })
  .description(
    "Measures throughput, latency, processor time and memory of the services on a RabbitMQ of their own, and how fast the gateway answers; see docs/benchmarks.md.",
  )
  .option("--cases <names>", `comma-separated choice of ${CASE_NAMES.join(", ")} (default: all but partitions and monitoring)`, names)
  .option("--runs <number>", "runs of each case; figures are medians", wholeNumber, 3)
  .option("--rows <number>", "rows of a run in place of each case's own number: for a quick look", wholeNumber)
  .option("--profile", "run each case once more under V8's profiler, and show where the time goes")
  .option("--json", "print one JSON object")
  .option("--markdown", "print the tables as Markdown")
  .option("--picture <file>", "write a chart of the throughput as PNG")
  .action(bench);
program
  .command("gateway")
  .description("Measures the gateway, with the services behind it, on a RabbitMQ and a PostgreSQL of its own; see docs/gateway.md.")
  .argument("[rows]", "rows of the job during which services are killed", wholeNumber, 1_000_000)
  .action(async (rows: number) => {
    await runGatewayBench(rows, (what, value) => void process.stdout.write(`${what.padEnd(52)} ${value}\n`));
    // Connections to services that were killed would hold it up.
    process.exit(0);
  });
program
  .command("page")
  .description(
    "Measures the live page while rows flow, with a real browser, on a RabbitMQ and a PostgreSQL of its own; see docs/benchmarks.md.",
  )
  .option("--rate <rows>", "rows a second (default: as fast as it goes)", wholeNumber)
  .option("--seconds <number>", "length of each phase", wholeNumber, 20)
  .action(async ({ rate = 0, seconds }: { rate?: number; seconds: number }) => {
    await runPageBench({ rowsPerSecond: rate, seconds }, (what, value) => void process.stdout.write(`${what.padEnd(76)} ${value}\n`));
    process.exit(0);
  });
await program.parseAsync().catch((error: unknown) => {
  if (!EXPECTED.some((kind) => error instanceof kind)) throw error;
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

async function bench({ json, markdown, profile, cases, rows, picture, runs }: BenchFlags): Promise<void> {
  const as = json === true ? "json" : markdown === true ? "markdown" : "text";
  const options = { cases, rows, picture, runs, profile: profile === true, as } as const;
  // The report goes to standard output, progress to standard error.
  process.stdout.write(`${await runBench(options, (line) => process.stderr.write(`${line}\n`))}\n`);
}

function names(text: string): string[] {
  return text.split(",").map((name) => name.trim());
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1) throw new InvalidArgumentError("It must be a whole number of 1 or more.");
  return value;
}
