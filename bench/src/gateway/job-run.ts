import { setTimeout as delay } from "node:timers/promises";
import type { GatewayAnswer } from "./gateway-client.js";
import type { GatewayStand } from "./gateway-stand.js";
import type { StudyRows } from "./study-rows.js";

/** A job whose rows are stored. */
export interface StoredJob {
  readonly id: string;
  readonly rows: number;
  readonly ms: number;
}

/** Stores a job of so many rows: the study's, again and again. */
export async function storedJob({ client }: GatewayStand, study: StudyRows, rows: number): Promise<StoredJob> {
  const began = performance.now();
  const { body } = await client.upload("/jobs?target=target", "text/csv", csvOf(study, rows));
  if (body.id === undefined || body.rows === undefined) throw new Error("The job was not created.");
  return { id: body.id, rows: body.rows, ms: performance.now() - began };
}

function* csvOf({ header, lines }: StudyRows, rows: number): Generator<Buffer | string, void> {
  const all = Buffer.from(`${lines.join("\n")}\n`);
  yield `${header}\n`;
  for (let left = rows; left > 0; left -= lines.length) {
    if (left >= lines.length) yield all;
    else yield `${lines.slice(0, left).join("\n")}\n`;
  }
}

interface Fault {
  /** The share of the job that is done. */
  readonly at: number;
  readonly what: string;
  readonly inflict: (stand: GatewayStand) => Promise<void>;
}

/** What is killed while the job runs. */
const FAULTS: readonly Fault[] = [
  { at: 0.2, what: "gateway", inflict: (stand) => stand.kill("gateway") },
  { at: 0.4, what: "model", inflict: (stand) => stand.kill("model") },
  { at: 0.6, what: "database", inflict: (stand) => stand.killDatabase() },
  { at: 0.8, what: "gateway", inflict: (stand) => stand.kill("gateway") },
];
const LOOK_MS = 50;

/** Runs a job to its end while its services are killed. @returns how long it took, in ms. */
export async function runWithKills(stand: GatewayStand, id: string, say: (what: string, value: string) => void): Promise<number> {
  const began = performance.now();
  const faults = [...FAULTS];
  await stand.client.ask(`/jobs/${id}/run`, { method: "POST" });
  for (;;) {
    const job = await latestJob(stand);
    if (job !== undefined && job.status !== "created" && job.status !== "running") return performance.now() - began;
    const [next] = faults;
    if (job?.progress !== undefined && next !== undefined && job.progress >= next.at) {
      say(`job: ${next.what} killed at`, `${Math.round(job.progress * 100)} %`);
      faults.shift();
      await next.inflict(stand);
    }
    await delay(LOOK_MS);
  }
}

/** The only job; undefined while the gateway or its database is away. */
async function latestJob({ client }: GatewayStand): Promise<GatewayAnswer | undefined> {
  const answer = await client.ask("/jobs?limit=1").catch(() => undefined);
  return answer?.status === 200 ? answer.body.items?.[0] : undefined;
}
