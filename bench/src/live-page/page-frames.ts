import type { Browser, Page } from "playwright-core";
import { percentile } from "../percentile.js";

/** For how long the page's main thread was busy at a stretch, in ms: a frame waits for as long. */
export interface FrameFigures {
  /** Stretches of a millisecond or more. */
  readonly tasks: number;
  /** On the clock; waiting for a processor counts. */
  readonly clock: Spread;
  /** On a processor. */
  readonly processor: Spread;
}

interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** µs on the clock, and of processor time. */
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** What makes Chromium note each task of a thread. */
const CATEGORIES = ["disabled-by-default-devtools.timeline", "devtools.timeline", "toplevel"];
const SHORTEST_MS = 1;

/** Traces a page while something else happens. */
export async function framesDuring(browser: Browser, page: Page, what: () => Promise<void>): Promise<FrameFigures> {
  await browser.startTracing(page, { categories: CATEGORIES });
  await what();
  return frameFigures(await browser.stopTracing());
}

/** @param trace - JSON in Chromium's trace event format. */
export function frameFigures(trace: Buffer): FrameFigures {
  const { traceEvents }: { traceEvents: readonly TraceEvent[] } = JSON.parse(trace.toString());
  const main = new Set(traceEvents.filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain").map(threadOf));
  const tasks = traceEvents.filter(
    (event) => event.name === "RunTask" && event.ph === "X" && main.has(threadOf(event)) && inMs(event.dur) >= SHORTEST_MS,
  );
  return {
    tasks: tasks.length,
    clock: spreadOf(tasks.map(({ dur }) => inMs(dur))),
    processor: spreadOf(tasks.map(({ tdur }) => inMs(tdur))),
  };
}

function inMs(us = 0): number {
  return us / 1_000;
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), longest: sorted.at(-1) ?? Number.NaN };
}

function threadOf({ pid, tid }: TraceEvent): string {
  return `${pid}/${tid}`;
}
