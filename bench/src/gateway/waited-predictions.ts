import { setTimeout as delay } from "node:timers/promises";
import { percentile } from "../percentile.js";
import type { GatewayClient } from "./gateway-client.js";
import type { StudyRows } from "./study-rows.js";

/** How long clients waited, in ms. */
export interface WaitFigures {
  readonly waits: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Asks for predictions at a pace and waits for each; the first second warms up and does not count. */
export async function waitedPredictions(
  client: GatewayClient,
  { features }: StudyRows,
  perSecond: number,
  seconds: number,
): Promise<WaitFigures> {
  const began = performance.now();
  const took: number[] = [];
  const ask = async (row: Readonly<Record<string, number>>, due: number) => {
    const { status } = await client.predict(row);
    if (status !== 200) throw new Error(`A waited prediction was answered with ${status}.`);
    // From when it was due: a client that falls behind does not hide it.
    took.push(performance.now() - due);
  };
  const all: Promise<void>[] = [];
  for (let i = 0; i < perSecond * seconds; i += 1) {
    const due = began + (i * 1_000) / perSecond;
    if (due > performance.now()) await delay(due - performance.now());
    all.push(ask(features[i % features.length] ?? {}, due));
  }
  await Promise.all(all);
  const sorted = took.slice(perSecond).toSorted((one, other) => one - other);
  const at = (share: number) => percentile(sorted, share);
  return { waits: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** Asks for many predictions at once. @returns how many got the answer to their own row, and how long it took, in ms. */
export async function predictionsAtOnce(
  client: GatewayClient,
  { features }: StudyRows,
  count: number,
): Promise<{ own: number; ms: number }> {
  const rows = features.slice(0, 50);
  const alone = await Promise.all(rows.map((row) => client.predict(row)));
  const began = performance.now();
  const answers = await Promise.all(Array.from({ length: count }, (_, i) => client.predict(rows[i % rows.length] ?? {})));
  const own = answers.filter(({ status, body }, i) => status === 200 && isClose(body.y_pred, alone[i % rows.length]?.body.y_pred));
  return { own: own.length, ms: performance.now() - began };
}

/** Whether two predictions of one row are the same but for the order of float32 sums. */
export function isClose(one = Number.NaN, other = Number.NaN): boolean {
  return Math.abs(one - other) < 1e-3;
}
