import { appendFileSync, existsSync, statSync, truncateSync } from "node:fs";
import { createLogger, MemoryBus, queuesOf, type Delivery, type Handler, type MemoryBroker, type Subscription } from "@streamgauge/core";
import { SIMULATED_ALARM } from "./alarm-oracle.js";
import { labelHandler, predictionHandler } from "../handlers.js";
import { compressPart } from "../log/compress-part.js";
import type { Rotation } from "../log/rotation.js";
import type { Fault } from "../join/commit-cycle.js";
import { openJoin, type OpenJoin } from "../join/open-join.js";
import { LOG_HEADER, partFilesOf, type LanePaths } from "@streamgauge/core/metric-log";
import { SIDES, type Side } from "../state/half-table.js";
import { FaultyDisk } from "./faulty-disk.js";
import type { SeededRandom } from "@streamgauge/testing";
import type { SimulatedTime } from "./simulated-time.js";
import { RETENTION_MS } from "./traffic.js";

/** Ends a run, thrown from the place of the crash. */
class Crash extends Error {
  override readonly name = "Crash";
}

export interface RunsOptions {
  readonly time: SimulatedTime;
  readonly random: SeededRandom;
  readonly broker: MemoryBroker;
  readonly paths: LanePaths;
  readonly lane: string;
  readonly generationIds: number;
  readonly rotation: Rotation | undefined;
  /** How often it may be killed. */
  readonly crashes: number;
  readonly rowsIn: (delivery: Delivery) => number;
  /** Records an event, to explain a failure. */
  readonly note: (what: string) => void;
}

const silent = createLogger("metrics", "silent");

/** Successive runs of metrics: the code of production on simulated time, killed at places and times that a seed decides. */
export class SimulatedRuns {
  readonly #options: RunsOptions;
  #disk = new FaultyDisk(() => undefined);
  #bus: MemoryBus | undefined;
  #join: OpenJoin | undefined;
  #subscriptions: Subscription[] = [];
  #crashesLeft: number;
  /** Places to pass until the next crash. */
  #passes = Infinity;
  /** Whether committed bytes were cut off since the last start. */
  #torn = false;
  /** What was known of the widths after the last commit, as text; undefined before the first. */
  #committedIntervals: string | undefined;
  /** A violated invariant. */
  #failure: Error | undefined;

  /** Unanswered messages. */
  inFlight = 0;
  /** Rows of all messages, with redeliveries. */
  readonly handedOut: Record<Side, number> = { y_true: 0, y_pred: 0 };
  /** Whether a run crashed, so that messages were redelivered. */
  crashed = false;

  constructor(options: RunsOptions) {
    this.#options = options;
    this.#crashesLeft = options.crashes;
  }

  get isDown(): boolean {
    return this.#join?.cycle.isRunning !== true;
  }

  /** The join of this run. */
  get join(): OpenJoin {
    if (this.#join === undefined) throw new Error("metrics is down.");
    return this.#join;
  }

  /** Throws the first violated invariant. */
  assertSound(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Starts from what is on disk; tries again if it crashes while it starts. */
  async begin(): Promise<void> {
    const { broker, paths, time, lane, generationIds, rotation, random, note } = this.#options;
    await this.end();
    this.#passes = this.#crashesLeft > 0 && random.chance(0.8) ? random.whole(1, 40) : Infinity;
    if (random.chance(0.3)) await this.#compressParts();
    this.#disk = new FaultyDisk((place) => this.#pass(place));
    try {
      this.#join = await openJoin(paths, {
        clock: time,
        disk: this.#disk,
        retentionMs: RETENTION_MS,
        alarm: SIMULATED_ALARM,
        generationIds,
        rotation,
        damageOf: () => undefined,
        failpoint: (place) => this.#pass(place),
        onFault: (fault) => this.#onFault(fault),
        onCommit: () => this.#checkBalance(),
      });
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      return this.begin();
    }
    note(`begins: ${this.#join.findings.join(" ")}`);
    this.#checkIntervals();
    const lost = this.#join.findings.find((finding) => /restored|is not the log|has lost|no state/.test(finding));
    if (lost !== undefined && !this.#torn) this.#failure ??= new Error(`What was committed was not on disk: ${lost}`);
    this.#torn = false;
    this.#checkBalance();
    this.#bus = new MemoryBus(broker, "metrics", silent);
    const queues = queuesOf(lane);
    const alone = { prefetch: random.pick([5, 1_000]), exclusive: true };
    const { cycle } = this.#join;
    this.#subscriptions = [
      await this.#bus.consume(queues.labels, this.#counting("y_true", labelHandler(cycle, time)), alone),
      await this.#bus.consume(queues.predictions, this.#counting("y_pred", predictionHandler(cycle, time)), alone),
    ];
  }

  async #compressParts(): Promise<void> {
    for (const { path, isCompressed } of partFilesOf(this.#options.paths.log))
      if (!isCompressed) await compressPart(path, new AbortController().signal);
  }

  #counting(side: Side, handler: Handler): Handler {
    return async (delivery) => {
      this.handedOut[side] += this.#options.rowsIn(delivery);
      this.inFlight += 1;
      try {
        return await handler(delivery);
      } finally {
        this.inFlight -= 1;
      }
    };
  }

  #pass(place: string): void {
    if (place === "after-commit" && this.#join !== undefined) this.#committedIntervals = intervalsOf(this.#join);
    this.#passes -= 1;
    // Parts are finished rarely.
    const isInRotation = place.startsWith("rotate") && this.#crashesLeft > 0 && this.#options.random.chance(0.3);
    if (this.#passes !== 0 && !isInRotation) return;
    this.#crashesLeft -= 1;
    this.crashed = true;
    this.#options.note(`crashes at ${place}`);
    throw new Crash(place);
  }

  #onFault({ error }: Fault): void {
    // The link dies with the process: its answers no longer count.
    void this.#bus?.close();
    if (!(error instanceof Crash)) this.#failure ??= error;
  }

  #checkBalance(): void {
    const { balance, log, corrections } = this.join.state;
    const { received: came, applied, duplicates: again, conflicts: late, unmatched: gone, deadLettered: bad } = corrections.balance;
    if (came !== applied + corrections.waiting + again + late + gone + bad || applied !== corrections.committed.lines)
      this.#failure ??= new Error(`Unbalanced corrections: ${JSON.stringify({ ...corrections.balance, waiting: corrections.waiting })}`);
    const pending = this.join.state.pending.counts;
    for (const side of SIDES) {
      const { received, logged, unmatched, deadLettered, duplicates, conflicts } = balance[side];
      const sum = logged + pending[side] + unmatched + deadLettered + duplicates + conflicts;
      if (received !== sum || logged !== log.lines)
        this.#failure ??= new Error(`Unbalanced: ${side} ${JSON.stringify({ ...balance[side], pending, lines: log.lines })}`);
    }
  }

  /** What was learnt of the widths is what was committed, whatever ended the run, and each line of the log counts once. */
  #checkIntervals(): void {
    const { log, monitor } = this.join.state;
    const found = intervalsOf(this.join);
    if (!this.#torn && found !== (this.#committedIntervals ?? found))
      this.#failure ??= new Error(`The widths are ${found}, committed were ${this.#committedIntervals ?? ""}`);
    const lines = monitor.intervals.save().versions.reduce((sum, { labelled }) => sum + labelled, 0);
    if (lines !== log.lines && !this.#torn) this.#failure ??= new Error(`The widths count ${lines} lines of ${log.lines}`);
  }

  /** Dies at once, as on SIGKILL. */
  kill(): void {
    if (this.isDown || this.#crashesLeft === 0) return;
    this.#crashesLeft -= 1;
    this.crashed = true;
    this.#options.note("is killed");
    void this.#bus?.close();
    this.#join?.cycle.close();
  }

  /** Ends as on SIGTERM: finishes the messages in flight. */
  async stop(): Promise<void> {
    this.#options.note("is stopped");
    await Promise.all(this.#subscriptions.map((subscription) => subscription.close()));
    this.#join?.cycle.close();
    await this.#bus?.close();
  }

  /** Closes a run as the system does, and may damage its files. */
  async end(): Promise<void> {
    const join = this.#join;
    if (join === undefined) return;
    this.#disk.losePower(this.#options.random);
    this.#join = undefined;
    await join.close();
    if (this.crashed) this.#tear();
  }

  #tear(): void {
    const { random, paths, note } = this.#options;
    const path = random.pick([paths.log, paths.log, paths.unmatched, paths.conflicts, paths.corrections]);
    if (!existsSync(path) || random.chance(0.6)) return;
    const { size } = statSync(path);
    if (path === paths.log && size > LOG_HEADER.length + 1 && random.chance(0.3)) {
      const left = random.whole(LOG_HEADER.length + 1, size);
      note(`the log is cut from ${size} to ${left} bytes`);
      truncateSync(path, left);
      this.#torn = left < size;
      return;
    }
    const bytes = random.pick([
      Buffer.alloc(random.whole(1, 5_000)),
      Buffer.from('"row-1,1'),
      Buffer.from("row-x,1,2,"),
      Buffer.from('a"b\n\n,,,\n'),
    ]);
    note(`${path} gets ${bytes.length} bytes of nothing`);
    appendFileSync(path, bytes);
  }
}

function intervalsOf({ state }: OpenJoin): string {
  return JSON.stringify(state.monitor.intervals.save());
}
