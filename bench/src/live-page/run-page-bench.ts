import { setTimeout as delay } from "node:timers/promises";
import { Deferred } from "@streamgauge/core";
import { launchChromium } from "@streamgauge/testing/chromium";
import type { Browser } from "playwright-core";
import { now } from "../clock.js";
import { endOnSignals } from "../system/ends-with-bench.js";
import { readUsage } from "../system/read-usage.js";
import { framesDuring } from "./page-frames.js";
import { PageStand } from "./page-stand.js";

/** By then a gateway that nobody asks for predictions gets no copies of them any more. */
const WARM_UP_MS = 15_000;
const MANY = 200;

/** Called with each figure. */
type Say = (what: string, value: string) => void;

export interface PageBenchOptions {
  /** 0: as fast as it goes. */
  readonly rowsPerSecond: number;
  /** Of each phase. */
  readonly seconds: number;
}

/** Measures what the live page costs while rows flow: the gateway's processor time by the number of viewers, and the frames of a real browser. */
export async function runPageBench(options: PageBenchOptions, say: Say): Promise<void> {
  endOnSignals();
  const browser = await launchChromium();
  const stand = await PageStand.open(options.rowsPerSecond);
  try {
    await new PageBench(browser, stand, options, say).run();
  } finally {
    await stand.close();
    await browser.close();
  }
}

class PageBench {
  readonly #browser: Browser;
  readonly #stand: PageStand;
  readonly #ms: number;
  readonly #say: Say;

  constructor(browser: Browser, stand: PageStand, { seconds }: PageBenchOptions, say: Say) {
    this.#browser = browser;
    this.#stand = stand;
    this.#ms = seconds * 1_000;
    this.#say = say;
  }

  async run(): Promise<void> {
    await delay(WARM_UP_MS);
    await this.#phase("no viewer", () => delay(this.#ms));
    await this.#withBrowser();
    await this.#withMany();
  }

  async #withBrowser(): Promise<void> {
    const page = await this.#browser.newPage();
    const began = now();
    await page.goto(this.#stand.url);
    await page.locator("#error-chart canvas").waitFor();
    this.#say("a new page shows its chart after, ms", String(Math.round(now() - began)));
    await this.#phase("one page in a browser", async () => {
      const { tasks, clock, processor } = await framesDuring(this.#browser, page, () => delay(this.#ms));
      for (const [what, { p50, p99, longest }] of [["clock", clock] as const, ["processor", processor] as const]) {
        const figures = [p50, p99, longest].map((ms) => ms.toFixed(1)).join(" / ");
        this.#say(`  tasks of the page ≥ 1 ms, on the ${what}: p50 / p99 / longest, ms`, `${figures}   (${tasks})`);
      }
    });
    await page.close();
  }

  async #withMany(): Promise<void> {
    const away = new AbortController();
    const viewers = Array.from({ length: MANY }, () => this.#view(away.signal));
    // To connect takes more than to be sent what is new, and happens once.
    await Promise.all(viewers.map(({ connected }) => connected));
    await this.#phase(`${MANY} viewers`, () => delay(this.#ms));
    away.abort();
    const bytes = await Promise.all(viewers.map(({ bytes: all }) => all));
    this.#say("  each got, kB", `${Math.round(Math.min(...bytes) / 1_000)} to ${Math.round(Math.max(...bytes) / 1_000)}`);
  }

  /** A viewer without a browser: when it has its first events, and how many bytes it got in the end. */
  #view(signal: AbortSignal): { readonly connected: Promise<void>; readonly bytes: Promise<number> } {
    const connected = new Deferred<void>();
    const read = async () => {
      const { body } = await fetch(`${this.#stand.url}/events`, { signal });
      let bytes = 0;
      try {
        for await (const chunk of body ?? []) {
          bytes += chunk.length;
          if (Buffer.from(chunk).includes("event: summary")) connected.resolve();
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      }
      return bytes;
    };
    return { connected: connected.promise, bytes: read() };
  }

  async #phase(name: string, during: () => Promise<void>): Promise<void> {
    const [began, lines, cpu] = [now(), this.#stand.lines, this.#cpu()];
    await during();
    const seconds = (now() - began) / 1_000;
    this.#say(`${name}: rows logged a second`, String(Math.round((this.#stand.lines - lines) / seconds)));
    for (const [service, after] of this.#cpu()) {
      this.#say(`  ${service}, share of a core`, `${(((after - (cpu.get(service) ?? 0)) / seconds) * 100).toFixed(1)} %`);
    }
  }

  /** Processor seconds so far, by service. */
  #cpu(): Map<string, number> {
    return new Map(Array.from(this.#stand.services, ([name, { pid }]) => [name, readUsage(pid)?.cpuSeconds ?? Number.NaN]));
  }
}
