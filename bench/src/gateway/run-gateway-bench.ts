import { endOnSignals } from "../system/ends-with-bench.js";
import { GatewayStand } from "./gateway-stand.js";
import { checkedResults } from "./job-results.js";
import { runWithKills, storedJob } from "./job-run.js";
import { studyRows, type StudyRows } from "./study-rows.js";
import { predictionsAtOnce, waitedPredictions } from "./waited-predictions.js";

const INGRESS_ROWS = 300_000;
const WAITS = { perSecond: 200, seconds: 20 };
const AT_ONCE = 1_000;

/** Called with each figure. */
type Say = (what: string, value: string) => void;

/**
 * Measures the gateway: rows that stream in, predictions that are waited for, and a job of so many rows during which gateway, model
 * and database are killed.
 */
export async function runGatewayBench(rows: number, say: Say): Promise<void> {
  endOnSignals();
  const stand = await GatewayStand.open();
  try {
    const study = studyRows();
    await ingress(stand, study, say);
    await waits(stand, study, say);
    await job(stand, study, rows, say);
  } finally {
    await stand.close();
  }
}

async function ingress(stand: GatewayStand, { features }: StudyRows, say: Say): Promise<void> {
  const chunk = Buffer.from(features.map((row) => `${JSON.stringify({ features: row })}\n`).join(""));
  const chunks = Array.from({ length: Math.ceil(INGRESS_ROWS / features.length) }, () => chunk);
  const began = performance.now();
  const { accepted = 0 } = (await stand.client.upload("/rows", "application/x-ndjson", chunks)).body;
  say("NDJSON ingress, rows confirmed a second", `${perSecond(accepted, performance.now() - began)}   (${accepted} rows)`);
  await stand.idle();
}

async function waits({ client }: GatewayStand, study: StudyRows, say: Say): Promise<void> {
  const { p50, p95, p99, waits: count } = await waitedPredictions(client, study, WAITS.perSecond, WAITS.seconds);
  const figures = [p50, p95, p99].map((ms) => ms.toFixed(1)).join(" / ");
  say(`waited predictions at ${WAITS.perSecond}/s, p50 / p95 / p99 ms`, `${figures}   (${count})`);
  const { own, ms } = await predictionsAtOnce(client, study, AT_ONCE);
  say("1,000 waits at once, each its own answer", `${own}   (in ${Math.round(ms)} ms)`);
}

async function job(stand: GatewayStand, study: StudyRows, wanted: number, say: Say): Promise<void> {
  const { client } = stand;
  const { id, rows, ms: storedMs } = await storedJob(stand, study, wanted);
  say("job: rows stored a second", `${perSecond(rows, storedMs)}   (${rows} rows)`);
  stand.notePeak();
  const ranMs = await runWithKills(stand, id, say);
  stand.notePeak();
  const { status, done, failed, statistics } = (await client.ask(`/jobs/${id}`)).body;
  const { body } = await fetch(`${client.url}/jobs/${id}/results`);
  if (body === null) throw new Error("The job has no results.");
  const results = await checkedResults(body.pipeThrough(new TextDecoderStream()), study.lines.length);
  say("job: status, rows done, failed", `${status}, ${done}, ${failed}`);
  say("job: results in order, wrong or missing", `${results.rows}, ${results.wrong + rows - results.rows}`);
  say("job: rows a second, kills included", perSecond(rows, ranMs));
  say("job: MAE (scikit-learn: 43.27745 of the 442)", String(statistics?.mae));
  say("gateway: largest memory, MB", String(Math.round(stand.peakMb)));
}

function perSecond(rows: number, ms: number): string {
  return String(Math.round(rows / (ms / 1_000)));
}
