import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, type TestContext } from "vitest";
import { Dice, SEED } from "../faults/harness/dice.js";
import { SHORT_HEARTBEAT } from "../faults/harness/link-faults.js";
import { openBroker } from "../faults/harness/own-broker.js";
import { openPipeline, type Pipeline } from "../faults/harness/pipeline.js";
import { drained, settles, stopSources } from "../faults/harness/settling.js";
import { mountSmallDisk } from "../faults/harness/small-disk.js";
import { knownTruth } from "../faults/harness/truth.js";
import { freePorts, nodeOptionsOf, openTcpProxy, until } from "../index.js";
import type { Exit } from "../node-process.js";
import { csvFile } from "../vitest/index.js";
import { ExpectedWindows, type ReadWindow } from "./expected-windows.js";
import { faultPlan } from "./fault-plan.js";
import { LateProducer } from "./late-producer.js";
import { alongTable, depthLine, figuresLine, trendTable, type Unit } from "./report.js";
import { Samples } from "./samples.js";
import { HOUR_MS, MINUTE_MS, rowsSent, simulatedRun, timedDataset, type SimulatedRun } from "./simulated-run.js";
import { soakFaults, type Stage } from "./soak-faults.js";
import type { HoursOptions } from "./soak-options.js";
import { growthProblems, RESTARTED, trendOf, type Bounds } from "./verdict.js";

/** Rows of the run take 200 bytes each there, and the state of the windows its own. */
const DISK_MIB = 2_048;
/** Labels of the source come so much later, in ms of the clock. */
const LABEL_DELAY_MS = 2_000;
/** How late labels and corrections of the producer beside it may be, and when all of a row must have come, in hours of a run of 48. */
const LATE = { most: 6, settled: 8 };
/** metrics keeps minutes for a day: they are compared along the run, each of them once. */
const COMPARED_EVERY = 8;
const STANDSTILL_MS = 120_000;
const LOOK_MS = 100;
const LOOKS_AN_HOUR = 2;
/** How long the gateway may take to get the last windows, also after it was killed. */
const GATEWAY_MS = 60_000;
const CLEAN_END: Exit = { code: 0, signal: null };

/** Runs of fewer hours say nothing about growth: most lives of a process are over before its memory is what it will be. */
export const LEAST_JUDGED_HOURS = 24;

/**
 * What a process may grow by from the second quarter of a run to the last one, by medians, since processes die and start at random. V8 takes a minute or more to reach
 * the size that it keeps, and the gateway's database as long, so that a quarter of a few lives differs from another by some tens of MiB. A
 * state that grows from hour to hour, which each life loads again, or a leak that goes on for twelve hours, is beyond it.
 */
export const BOUNDS: Bounds = { ownMiB: 64, descriptors: 2 };

/** Runs simulated hours with faults, and fails if a row is lost, doubled or wrong, a window is not what its rows say, or memory or descriptors grow. */
export async function soakHours(context: TestContext, options: HoursOptions, say: (text: string) => void): Promise<void> {
  const run = simulatedRun(options.hours, options.minutes, Date.now());
  const soak = await Soak.open(context, options, run, say);
  try {
    await soak.flow();
    await soak.settle();
  } finally {
    say(soak.report());
  }
  expect(soak.problems).toEqual([]);
  if (options.hours >= LEAST_JUDGED_HOURS) expect(growthProblems(soak.trends, BOUNDS)).toEqual([]);
}

/** What happens at an hour of the run. */
interface Event {
  readonly hour: number;
  readonly what: string;
  readonly act: () => Promise<unknown>;
}

class Soak {
  /** Windows that were wrong when they were looked at. */
  readonly problems: string[] = [];
  readonly #options: HoursOptions;
  readonly #run: SimulatedRun;
  readonly #stage: Stage;
  readonly #gatewayUrl: string;
  readonly #samples: Samples;
  readonly #expected: ExpectedWindows;
  readonly #producer: LateProducer;
  readonly #say: (text: string) => void;
  /** Of the source, counted in the windows that are expected. */
  #counted = 0;
  #windows = 0;
  /** The first minute that was not compared, ms since 1970. */
  #compared: number;

  private constructor(
    {
      options,
      run,
      stage,
      gatewayUrl,
      say,
    }: { options: HoursOptions; run: SimulatedRun; stage: Stage; gatewayUrl: string; say: (text: string) => void },
    expected: ExpectedWindows,
    producer: LateProducer,
  ) {
    this.#options = options;
    this.#run = run;
    this.#compared = run.from;
    this.#stage = stage;
    this.#gatewayUrl = gatewayUrl;
    this.#say = say;
    this.#expected = expected;
    this.#producer = producer;
    this.#samples = new Samples(stage.pipeline, [...stage.pipeline.services, ...stage.beside]);
  }

  /** Starts all of it. */
  static async open(context: TestContext, options: HoursOptions, run: SimulatedRun, say: (text: string) => void): Promise<Soak> {
    const { stage, gatewayUrl } = await openStage(context, options, run);
    const { pipeline, beside, broker } = stage;
    say(
      `${options.hours} hours from ${new Date(run.from).toISOString()}, ${run.speed} times as fast; ${options.faults} faults, SEED=${SEED}; RabbitMQ ${broker.version}.`,
    );
    const readers = [...pipeline.joins, pipeline.model, ...beside];
    for (const service of readers) service.start();
    await Promise.all(readers.map((service) => service.ready()));
    await pipeline.start();
    // Killed within its first minutes, RabbitMQ 3.10.8 forgets new queues.
    await broker.saveQueueNames();
    const expected = new ExpectedWindows(run.from, run.room * 60);
    const now = () => timeOf(run, pipeline);
    const mostDelayMs = shareOf(options.hours, LATE.most) * HOUR_MS;
    const producer = await LateProducer.start(context, { pipeline, expected, now, mostDelayMs });
    return new Soak({ options, run, stage, gatewayUrl, say }, expected, producer);
  }

  get trends() {
    return [...this.#samples.byProcess].map(([name, samples]) => trendOf(name, samples, RESTARTED));
  }

  /** The hours with all their faults. */
  async flow(): Promise<void> {
    const { pipeline } = this.#stage;
    const watching = new AbortController();
    const sampling = this.#sample(watching.signal);
    try {
      for (const { hour, what, act } of this.#events()) {
        await this.#reaches(hour);
        pipeline.transcript.note("case", `hour ${hour.toFixed(2)}: ${what}`);
        await act();
      }
      await this.#reaches(this.#options.hours);
    } finally {
      watching.abort();
      await sampling;
    }
  }

  #events(): Event[] {
    const { hours, faults } = this.#options;
    const names = this.#faults.map(({ name }) => name);
    const plan = names.length === 0 ? [] : faultPlan(this.#stage.dice, hours, faults, names);
    const injected = plan.map(({ hour, name }): Event => ({ hour, what: name, act: () => this.#inject(hour, name) }));
    const every = shareOf(hours, COMPARED_EVERY);
    const looks = Array.from({ length: Math.floor(hours / every) }, (_, i): Event => {
      return {
        hour: (i + 1) * every,
        what: "minutes are compared",
        act: () => this.#compareMinutes(this.#hour - shareOf(hours, LATE.settled)),
      };
    });
    return [...injected, ...looks].toSorted((one, other) => one.hour - other.hour);
  }

  get #faults() {
    const { only } = this.#options;
    return soakFaults(this.#stage).filter(({ name }) => only === undefined || only.some((text) => name.includes(text)));
  }

  async #inject(hour: number, name: string): Promise<void> {
    this.#say(`Hour ${hour.toFixed(1)}: ${name}.`);
    await this.#faults.find((one) => one.name === name)?.fault(this.#stage);
    await this.#stage.pipeline.isBackToWork();
  }

  /** Resolves when the run has come to this hour. @throws if it stands still. */
  async #reaches(hour: number): Promise<void> {
    let [last, changed] = [Number.NaN, performance.now()];
    while (this.#hour < hour) {
      if (this.#hour !== last) changed = performance.now();
      last = this.#hour;
      if (performance.now() - changed > STANDSTILL_MS) throw new Error(`The source stands at hour ${last.toFixed(2)}.`);
      await delay(LOOK_MS);
    }
  }

  /** Hours that the run has lasted. */
  get #hour(): number {
    return (timeOf(this.#run, this.#stage.pipeline) - this.#run.from) / HOUR_MS;
  }

  /** Looks at all processes in each hour of the run. */
  async #sample(ending: AbortSignal): Promise<void> {
    let next = 0;
    while (!ending.aborted) {
      const hour = this.#hour;
      if (hour >= next) {
        await Promise.all([this.#samples.lookAtServices(hour), this.#samples.lookAtBroker(hour)]);
        next = Math.floor(hour * LOOKS_AN_HOUR) / LOOKS_AN_HOUR + 1 / LOOKS_AN_HOUR;
      }
      await delay(LOOK_MS);
    }
  }

  /** Compares the minutes up to this hour that were not compared before. */
  async #compareMinutes(hour: number): Promise<void> {
    const to = this.#run.from + Math.floor(hour * 60) * MINUTE_MS;
    if (to <= this.#compared) return;
    await this.#compare("1m", 1, this.#compared, to);
    this.#compared = to;
  }

  /** Compares windows of both who keep them: metrics and the gateway. */
  async #compare(size: string, minutes: number, from: number, to: number): Promise<void> {
    await this.#countSource();
    const { pipeline } = this.#stage;
    const range = ["--from", String(from), "--to", String(to)];
    const { windows }: { windows: ReadWindow[] } = JSON.parse(await pipeline.cli("windows", "--size", size, ...range, "--json"));
    this.problems.push(...this.#expected.problems(windows, minutes, from, to));
    const stored = await until(
      "the gateway has the windows that metrics has",
      () => this.#windowsOfGateway(size, from, to),
      (all) => this.#expected.problems(all, minutes, from, to).length === 0,
      GATEWAY_MS,
    ).catch((error: unknown) => {
      this.problems.push(String(error));
      return [];
    });
    this.#windows += stored.length;
  }

  async #windowsOfGateway(size: string, from: number, to: number): Promise<readonly ReadWindow[]> {
    const response = await fetch(`${this.#gatewayUrl}/windows?size=${size}&from=${from}&to=${to}`);
    const { windows }: { windows: ReadWindow[] } = JSON.parse(await response.text());
    return windows;
  }

  /** Adds the rows that the source has sent to what windows must hold. */
  async #countSource(): Promise<void> {
    const { from, stepMs } = this.#run;
    const { yTrue, yPred } = await knownTruth();
    const rows = rowsSent(this.#stage.pipeline.features);
    for (; this.#counted < rows; this.#counted += 1) {
      const row = this.#counted % yTrue.length;
      this.#expected.add(from + this.#counted * stepMs, Math.abs((yTrue[row] ?? Number.NaN) - (yPred[row] ?? Number.NaN)));
    }
  }

  /** Rows that the source had sent when it stopped, before their labels were due. */
  async #countUnlabelled(): Promise<void> {
    await this.#countSource();
    const { from, stepMs } = this.#run;
    const { y_pred }: { y_pred: { pending: number } } = JSON.parse(await this.#stage.pipeline.cli("verify", "--json"));
    for (let row = 0; row < y_pred.pending; row += 1) this.#expected.addUnlabelled(from + (this.#counted + row) * stepMs);
  }

  /** The end: all labels come, everything is logged and compared. */
  async settle(): Promise<void> {
    const { pipeline, beside } = this.#stage;
    await this.#producer.stop();
    await drained(pipeline, await stopSources(pipeline));
    await this.#checkDeadLetters();
    await settles(pipeline);
    await this.#countUnlabelled();
    const hours = Math.ceil(this.#hour);
    await this.#compareMinutes(hours);
    await this.#compare("1h", 60, this.#run.from, this.#run.from + hours * HOUR_MS);
    for (const service of beside) expect(await service.stop()).toEqual(CLEAN_END);
    // A process ends because it is killed, or because it is asked to: nothing else.
    const ends = [...pipeline.services, ...beside]
      .flatMap(({ exits }) => exits)
      .filter(({ code, signal }) => code !== 0 && signal !== "SIGKILL");
    expect(ends).toEqual([]);
  }

  /** Each message with a bad row is a dead letter. One whose reader was killed may be it twice. */
  async #checkDeadLetters(): Promise<void> {
    const { pipeline, broker } = this.#stage;
    const letters = (await pipeline.cli("replay", "list", "--json")).split("\n").filter((line) => line !== "");
    const ids = letters.map((line): string => JSON.parse(line).headers["dead-message-id"]);
    expect(new Set(ids).size).toBe(this.#producer.bad);
    // What the list has read goes back to the queue a moment later, and is not purged before.
    await until("the dead letters to be purged", async () => {
      await broker.ctl("purge_queue", "--vhost", pipeline.vhost, "dead-letters");
      return (await pipeline.depths())["dead-letters"] === 0;
    });
  }

  report(): string {
    const { hours } = this.#options;
    const unit: Unit = { step: hours / 12, text: (at) => `${Number(at.toPrecision(3))} h` };
    const { pipeline } = this.#stage;
    const { rows, corrections, bad } = this.#producer;
    const judged =
      hours >= LEAST_JUDGED_HOURS
        ? `at most ${BOUNDS.ownMiB} MiB of own memory and ${BOUNDS.descriptors} descriptors are allowed`
        : `not judged below ${LEAST_JUDGED_HOURS} hours`;
    return [
      "",
      "Own memory / resident memory / V8's heap, MiB, and open descriptors, read from /proc and /metrics. Own memory is without pages of files.",
      "",
      alongTable(this.#samples.byProcess, unit),
      "",
      `Growth over the second half (${judged}); the median of the last quarter less that of the second one:`,
      "",
      trendTable(this.trends, this.#samples.byProcess, unit),
      "",
      depthLine(this.#samples.depths),
      `The run lasted ${this.#hour.toFixed(1)} hours. ${rows} rows came with their own times, labels up to ${shareOf(hours, LATE.most)} h late, ${corrections} corrections and ${bad} bad rows; ${this.#windows} windows were compared, ${this.problems.length} of them wrong.`,
      figuresLine(pipeline.figures),
    ].join("\n");
  }
}

/** Hours of a run that are to a run of 48 hours what `of48` is; no more in a longer one. */
function shareOf(hours: number, of48: number): number {
  return of48 * Math.min(1, hours / 48);
}

/** The time of the run: that of the last row that the broker has, ms since 1970. */
function timeOf({ from, stepMs }: SimulatedRun, { features }: Pipeline): number {
  return from + rowsSent(features) * stepMs;
}

async function openStage(context: TestContext, options: HoursOptions, run: SimulatedRun) {
  const broker = await openBroker(context);
  const proxy = await openTcpProxy({ host: "127.0.0.1", port: broker.address.ports.amqp });
  context.onTestFinished(() => proxy.close());
  const disk = options.disk ? await mountSmallDisk(context, DISK_MIB) : undefined;
  const pipeline = await openPipeline(context, broker, {
    url: (straight) => `${proxy.through(straight)}${SHORT_HEARTBEAT}`,
    source: {
      DATASET_PATH: csvFile(timedDataset(run)),
      TIME_COLUMN: "when",
      TIME_SPEED: String(run.speed),
      LABEL_DELAY_MS: String(LABEL_DELAY_MS),
      FRAME_ROWS: "256",
      FRAME_FORMAT: "arrow",
    },
    metrics: options.rotate === undefined ? {} : { LOG_ROTATE: options.rotate },
    nodeOptions: nodeOptionsOf,
    ...(disk === undefined ? {} : { logsDir: disk.folder }),
  });
  const [port = 0] = await freePorts(1);
  const gateway = pipeline.another("gateway", join(pipeline.folder, "gateway"), { GATEWAY_PORT: String(port) });
  const stage: Stage = { pipeline, broker, proxy, beside: [pipeline.another("plot"), gateway], disk, dice: new Dice() };
  return { stage, gatewayUrl: `http://127.0.0.1:${port}` };
}
