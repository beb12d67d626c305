import {
  failpoint,
  METRICS_EXCHANGE,
  readReferenceProposal,
  referenceRequest,
  WINDOW_REQUESTS_EXCHANGE,
  writeFirstReference,
  type Bus,
  type Delivery,
  type LanePartition,
  type Logger,
  type Subscription,
} from "@streamgauge/core";
import type { OpenJoin } from "../join/open-join.js";

/**
 * Decides which reference a model version has that has none of its own: the first that any of its processes proposes. It is announced when it is committed,
 * and to each process that asks. Of several partitions the first one decides.
 */
export class FirstReferenceNotices {
  readonly #bus: Bus;
  readonly #log: Logger;
  readonly #partition: LanePartition;
  readonly #join: () => OpenJoin | undefined;

  /** @param join - the current join; undefined while it does not run. */
  constructor(bus: Bus, log: Logger, partition: LanePartition, join: () => OpenJoin | undefined) {
    this.#bus = bus;
    this.#log = log;
    this.#partition = partition;
    this.#join = join;
  }

  /** Follows proposals, and asks for those that were made before. @returns undefined if another partition decides. */
  async follow(): Promise<Subscription | undefined> {
    if (this.#partition.index !== 1) return undefined;
    const ask = () => this.#bus.broadcast(WINDOW_REQUESTS_EXCHANGE, referenceRequest());
    const name = `metrics.${this.#partition.name}.proposals`;
    const following = await this.#bus.subscribe(METRICS_EXCHANGE, name, (delivery) => this.#onProposal(delivery), { onGap: ask });
    ask();
    return following;
  }

  #onProposal(delivery: Delivery): void {
    const proposal = readReferenceProposal(delivery);
    const join = this.#join();
    if (proposal?.lane !== this.#partition.lane || join === undefined) return;
    const { model, reference } = proposal;
    this.#announce(model);
    if (reference === undefined || !join.state.monitor.firstReferences.propose(model, reference)) return;
    failpoint("metrics-before-reference");
    join.cycle.wake();
  }

  onCommit(): void {
    const references = this.#join()?.state.monitor.firstReferences;
    for (const model of references?.takeAccepted() ?? []) {
      failpoint("metrics-after-reference");
      const rows = references?.of(model)?.rows.toLocaleString("en") ?? "";
      this.#log.info(`Model ${model} has no reference of its own: its first ${rows} rows are its reference from now on.`);
      this.#announce(model);
    }
  }

  #announce(model: string): void {
    const reference = this.#join()?.state.monitor.firstReferences.of(model);
    if (reference === undefined) return;
    this.#bus.broadcast(METRICS_EXCHANGE, writeFirstReference({ lane: this.#partition.lane, model, reference }));
  }
}
