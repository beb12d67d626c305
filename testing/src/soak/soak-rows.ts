import { setTimeout as delay } from "node:timers/promises";
import { expect, type TestContext } from "vitest";
import { freePorts, nodeOptionsOf } from "../index.js";
import { openBroker } from "../faults/harness/own-broker.js";
import { openPipeline, type Pipeline } from "../faults/harness/pipeline.js";
import type { ServiceProcess } from "../faults/harness/service-process.js";
import { settles } from "../faults/harness/settling.js";
import { alongTable, depthLine, figuresLine, trendTable, type Unit } from "./report.js";
import { Samples } from "./samples.js";
import type { RowsOptions } from "./soak-options.js";
import { growthProblems, trendOf, type Bounds } from "./verdict.js";

const MILLION = 1e6;
const FRAME_ROWS = "2048";
/** Looks at services and at the broker, along the run. */
const LOOKS = { services: 200, broker: 20 };
const LOOK_MS = 100;
const STANDSTILL_MS = 120_000;

/**
 * metrics knows the last 10 to 20 million ids, in a table that fills until then; a run whose second half begins before that says nothing about
 * leaks.
 */
export const LEAST_JUDGED_ROWS = 40e6;

/**
 * What a process may grow by over the second half. Own memory is what the process itself asked for; pages of the log and of the state that are in
 * RAM are the kernel's. 48 MiB are three halves of a young generation of 32 MiB (`--max-semi-space-size`), which V8 fills and empties as
 * it likes: two looks at a heap that does not grow differ by that much. Over 50 million rows that is a byte a row, or 2 kB a frame: a leak of one object
 * a frame is found. A descriptor more may be a file that was open at each look by chance.
 */
export const BOUNDS: Bounds = { ownMiB: 48, descriptors: 2 };

/** Runs rows through the real services, as fast as they go, and fails if one is lost, doubled or wrong, or memory or descriptors grow. */
export async function soakRows(context: TestContext, options: RowsOptions, say: (text: string) => void): Promise<void> {
  const broker = await openBroker(context);
  const rotation = options.rotate === undefined ? {} : { LOG_ROTATE: options.rotate };
  const pipeline = await openPipeline(context, broker, {
    source: {
      FRAME_ROWS,
      FRAME_FORMAT: "arrow",
      ROW_LIMIT: String(options.rows),
      LABEL_DELAY_MS: String(options.labelDelayMs),
    },
    metrics: rotation,
    nodeOptions: nodeOptionsOf,
  });
  const [port = 0] = await freePorts(1);
  const beside = [pipeline.another("plot"), pipeline.another("gateway", `${pipeline.folder}/gateway`, { GATEWAY_PORT: String(port) })];
  const samples = new Samples(pipeline, [...pipeline.services, ...beside]);
  say(
    `${options.rows.toLocaleString("en")} rows in Arrow frames of ${FRAME_ROWS}; labels ${options.labelDelayMs} ms later; RabbitMQ ${broker.version}.`,
  );
  await startReaders(pipeline, beside);
  const began = performance.now();
  await pipeline.start();
  try {
    await flow(pipeline, options.rows, samples, say);
    const seconds = (performance.now() - began) / 1000;
    say(
      `All rows are logged after ${seconds.toFixed(0)} s, ${Math.round(options.rows / seconds).toLocaleString("en")} a second. Now each is compared.`,
    );
    await settles(pipeline);
    say("`streamgauge verify`: every row adds up.");
    for (const service of beside) expect(await service.stop()).toEqual({ code: 0, signal: null });
  } finally {
    say(reportOf(pipeline, samples, options.rows));
  }
  const trends = trendsOf(samples);
  if (options.rows >= LEAST_JUDGED_ROWS) expect(growthProblems(trends, BOUNDS)).toEqual([]);
}

async function startReaders(pipeline: Pipeline, beside: readonly ServiceProcess[]): Promise<void> {
  const readers = [...pipeline.joins, pipeline.model, ...beside];
  for (const service of readers) service.start();
  await Promise.all(readers.map((service) => service.ready()));
}

/** Looks along the way, until all rows are logged. */
async function flow(pipeline: Pipeline, rows: number, samples: Samples, say: (text: string) => void): Promise<void> {
  const step = { services: rows / LOOKS.services, broker: rows / LOOKS.broker };
  let [logged, changed] = [0, performance.now()];
  let next = { services: step.services, broker: step.broker };
  while (logged < rows) {
    // It may be too busy to answer within seconds.
    const now = await pipeline.logged().catch(() => logged);
    if (now > logged) changed = performance.now();
    logged = now;
    if (performance.now() - changed > STANDSTILL_MS)
      throw new Error(`${logged} of ${rows} rows are logged, and nothing more came for ${STANDSTILL_MS / 1000} s.`);
    if (logged >= next.services) {
      await samples.lookAtServices(logged / MILLION);
      next = { ...next, services: stepAfter(logged, step.services) };
    }
    if (logged >= next.broker) {
      say(`${(logged / MILLION).toFixed(1)} million rows are logged.`);
      await samples.lookAtBroker(logged / MILLION);
      next = { ...next, broker: stepAfter(logged, step.broker) };
    }
    await delay(LOOK_MS);
  }
}

function stepAfter(logged: number, step: number): number {
  return (Math.floor(logged / step) + 1) * step;
}

function trendsOf({ byProcess }: Samples) {
  return [...byProcess].map(([name, of]) => trendOf(name, of));
}

function reportOf(pipeline: Pipeline, samples: Samples, rows: number): string {
  const unit: Unit = { step: rows / MILLION / 10, text: (at) => `${Number(at.toPrecision(3))} M rows` };
  const judged =
    rows >= LEAST_JUDGED_ROWS
      ? `at most ${BOUNDS.ownMiB} MiB of own memory and ${BOUNDS.descriptors} descriptors are allowed`
      : `not judged below ${LEAST_JUDGED_ROWS / MILLION} million rows`;
  return [
    "",
    "Own memory / resident memory / V8's heap, MiB, and open descriptors, read from /proc and /metrics. Own memory is without pages of files.",
    "",
    alongTable(samples.byProcess, unit),
    "",
    `Growth over the second half (${judged}); least squares over all looks:`,
    "",
    trendTable(trendsOf(samples), samples.byProcess, unit),
    "",
    depthLine(samples.depths),
    figuresLine(pipeline.figures),
  ].join("\n");
}
