import { writeFileSync } from "node:fs";
import { startPrivateBroker } from "@streamgauge/testing";
import { caseNamed, casesNamed, type BenchCase } from "./case/bench-cases.js";
import { runCase, type CaseOptions } from "./case/run-case.js";
import { runGatewayCase, type GatewayCaseResult } from "./gateway/run-gateway-case.js";
import { gatewayTables } from "./report/gateway-tables.js";
import { figureOf, type CaseResult } from "./report/case-result.js";
import { jsonReport } from "./report/json-report.js";
import { markdownTable, plainTable } from "./report/table.js";
import { tablesOf } from "./report/tables.js";
import { throughputPicture } from "./report/throughput-picture.js";
import { endOnSignals, removeFolder, temporaryFolder } from "./system/ends-with-bench.js";
import { describeMachine, machineLines, type Machine } from "./system/machine.js";

export interface BenchOptions {
  /** Names of cases; undefined: all. */
  readonly cases: readonly string[] | undefined;
  readonly runs: number;
  readonly rows: number | undefined;
  readonly profile: boolean;
  readonly as: "text" | "json" | "markdown";
  /** Where to write the picture. */
  readonly picture: string | undefined;
}

/** The case whose rate decides the pace of others. */
const PACE_SETTER = "json-1";

/**
 * Measures the pipeline on this machine and returns what to print.
 *
 * @param say - called with the progress.
 * @throws UnknownCaseError; RabbitMqMissingError; and whatever fails in a run, since there is no figure then.
 */
export async function runBench({ cases, runs, rows, profile, as, picture }: BenchOptions, say: (line: string) => void): Promise<string> {
  const chosen = casesNamed(cases);
  endOnSignals();
  const machine = await thisMachine();
  for (const line of machineLines(machine)) say(line);
  const results: CaseResult[] = [];
  for (const benchCase of chosen.pipeline) {
    const options = { runs, rows, profile, pace: await paceOf(benchCase, results, rows, say), say };
    results.push(...(await runCase(benchCase, options)));
  }
  const ofGateway: GatewayCaseResult[] = [];
  for (const gatewayCase of chosen.gateway) ofGateway.push(await runGatewayCase(gatewayCase, runs, say));
  if (picture !== undefined) writeFileSync(picture, throughputPicture(machine, results));
  return printed(as, machine, results, ofGateway);
}

async function thisMachine(): Promise<Machine> {
  const broker = await startPrivateBroker();
  const folder = temporaryFolder();
  try {
    return await describeMachine(folder, broker);
  } finally {
    removeFolder(folder);
    await broker.stop();
  }
}

async function paceOf(
  { name, pace }: BenchCase,
  results: readonly CaseResult[],
  rows: number | undefined,
  say: CaseOptions["say"],
): Promise<number | undefined> {
  if (pace !== "half") return pace;
  const known = results.find((result) => result.name === PACE_SETTER);
  if (known === undefined) say(`${name} needs the rate of ${PACE_SETTER}, which is measured first.`);
  const [result] =
    known === undefined ? await runCase(caseNamed(PACE_SETTER), { runs: 1, rows, profile: false, pace: undefined, say }) : [known];
  const rate = result === undefined ? undefined : figureOf(result, "pairsPerSecond")?.median;
  return Math.max(1, Math.round((rate ?? 0) / 2));
}

function printed(
  as: BenchOptions["as"],
  machine: Machine,
  results: readonly CaseResult[],
  ofGateway: readonly GatewayCaseResult[],
): string {
  if (as === "json") return JSON.stringify(jsonReport(machine, results, ofGateway));
  const table = as === "markdown" ? markdownTable : plainTable;
  return [...machineLines(machine), "", ...[...tablesOf(results), ...gatewayTables(ofGateway)].map(table)].join("\n").trimEnd();
}
