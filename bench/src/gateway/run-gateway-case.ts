import { CONNECTIONS, type GatewayCase } from "../case/gateway-cases.js";
import { ChildTask } from "../system/child-task.js";
import type { GatewayClient } from "./gateway-client.js";
import { EmbeddedStand } from "./embedded-stand.js";
import { GatewayStand } from "./gateway-stand.js";
import type { Load, LoadFigures } from "./load/run-load.js";

/** What one run of a case showed. */
export interface GatewayRun {
  /** From the start to the first logged row, in ms; undefined if the case does not have it. */
  readonly startMs?: number;
  /** One for each number of connections. */
  readonly loads: readonly LoadFigures[];
}

/** A case and what its runs showed. */
export interface GatewayCaseResult extends Pick<GatewayCase, "name" | "shows"> {
  readonly runs: readonly GatewayRun[];
}

const WARM_UP_SECONDS = 2;
const SECONDS = 6;

/** Runs a case some times, each on processes, a log and a database of its own. @throws TaskFailedError if an answer is wrong. */
export async function runGatewayCase(gatewayCase: GatewayCase, runs: number, say: (line: string) => void): Promise<GatewayCaseResult> {
  const { name, shows } = gatewayCase;
  const results: GatewayRun[] = [];
  for (let i = 1; i <= runs; i += 1) {
    const run = await oneRun(gatewayCase);
    results.push(run);
    for (const load of run.loads) say(`${name}, run ${i} of ${runs}: ${inWords(load)}.`);
  }
  return { name, shows, runs: results };
}

async function oneRun({ stand: kind, request }: GatewayCase): Promise<GatewayRun> {
  if (kind === "processes") {
    const stand = await GatewayStand.open({ durable: true });
    return { loads: await loadsOn(stand, request) };
  }
  const stand = await EmbeddedStand.open();
  return { startMs: stand.startMs, loads: await loadsOn(stand, request) };
}

/** Measures with each number of connections in turn, and closes the stand. */
async function loadsOn(
  stand: { readonly client: GatewayClient; close(): Promise<void> },
  request: GatewayCase["request"],
): Promise<LoadFigures[]> {
  const loads: LoadFigures[] = [];
  try {
    for (const connections of CONNECTIONS) {
      loads.push(await measured({ url: stand.client.url, request, connections, warmUpSeconds: WARM_UP_SECONDS, seconds: SECONDS }));
    }
  } finally {
    await stand.close();
  }
  return loads;
}

/** Clients in a process of their own. */
async function measured(load: Load): Promise<LoadFigures> {
  const task = new ChildTask<LoadFigures>("gateway/load/load-task", load);
  try {
    await task.ready();
    task.go();
    return await task.result;
  } finally {
    await task.end();
  }
}

function inWords({ connections, requestsPerSecond, p50, p99 }: LoadFigures): string {
  const rate = Math.round(requestsPerSecond).toLocaleString("en");
  return `${connections} connections, ${rate} requests/s, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
}
