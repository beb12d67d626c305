import { DEAD_QUEUE, otherPartitionsIn, type Closable, type ComparisonNotice, type MetricNotice } from "@streamgauge/core";
import type { HealthEvent } from "@streamgauge/core/windows";
import { DeadLetters } from "../dead-letters/dead-letters.js";
import type { GatewayOptions } from "../gateway-options.js";
import { Comparisons } from "../live/comparisons.js";
import type { Surroundings } from "../live/surroundings.js";
import { Backlogs } from "./backlogs.js";
import { diskSpaceOf } from "./disk-space.js";
import { depthsOf } from "./queue-depths.js";
import { statusOf, statusTargetsOf } from "./service-status.js";

/** How long what metrics said of the disk holds, in ms: if it logs nothing, the disk does not fill. */
const SAID_MS = 120_000;

/** Knows how everything around the lanes is. */
export class Watch implements Closable {
  readonly #options: GatewayOptions;
  readonly #database: () => Promise<HealthEvent["database"]>;
  readonly #deadLetters: DeadLetters;
  readonly #backlogs: Backlogs;
  readonly #comparisons = new Comparisons();
  /** What metrics said last, and when. */
  #diskFull: { readonly inS: number | undefined; readonly at: number } = { inS: undefined, at: -Infinity };

  /** @param database - its state. */
  constructor(options: GatewayOptions, database: () => Promise<HealthEvent["database"]>) {
    this.#options = options;
    this.#database = database;
    this.#deadLetters = new DeadLetters(options.bus);
    this.#backlogs = new Backlogs(options.lane, options.partitions);
  }

  async start(): Promise<void> {
    await this.#deadLetters.start();
  }

  /** Rows were logged. */
  onNotice(notice: MetricNotice): void {
    const { lane, lag, disk_full_in_s: fullIn } = notice;
    if (lane !== this.#options.lane) return;
    const other = otherPartitionsIn(notice, this.#options.partitions);
    // It would wait for predictions that its queue of copies does not get.
    if (other !== undefined) return this.#options.fail(other);
    const now = Date.now();
    this.#diskFull = { inS: fullIn, at: now };
    if (lag === undefined) return;
    this.#backlogs.arrived("model", now, lag.predicted_s * 1_000);
    this.#backlogs.arrived("metrics", now, lag.logged_s * 1_000);
  }

  /** Lanes were compared. */
  onComparison(notice: ComparisonNotice): void {
    this.#comparisons.take(notice, Date.now());
  }

  async look(): Promise<Surroundings> {
    const { bus, lane, partitions, logsDir, statusUrls, runs } = this.#options;
    const [queues, database, disk, services] = await Promise.all([
      depthsOf(bus, lane, partitions),
      this.#database(),
      diskSpaceOf(logsDir),
      Promise.all(statusTargetsOf(statusUrls).map(statusOf)),
    ]);
    this.#deadLetters.observe(queues[DEAD_QUEUE]);
    return {
      health: {
        rabbitmq: { connected: bus.connected, is_shared: bus.isShared, queues },
        database,
        services: [...services, ...runs()].map(({ name, status }) => ({ name, status })),
        disk,
        disk_full_in_s: (Date.now() - this.#diskFull.at < SAID_MS ? this.#diskFull.inS : undefined) ?? null,
        backlog: this.#backlogs.observe(queues, Date.now()),
      },
      dead_letters: this.#deadLetters.event(),
      comparison: this.#comparisons.event(Date.now()),
    };
  }

  async close(): Promise<void> {
    await this.#deadLetters.close();
  }
}
