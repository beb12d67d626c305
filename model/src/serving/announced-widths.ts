import {
  halfWidthRequest,
  LanePartition,
  METRICS_EXCHANGE,
  readHalfWidths,
  WINDOW_REQUESTS_EXCHANGE,
  type Bus,
  type Delivery,
  type PredictionFrame,
  type Subscription,
} from "@streamgauge/core";

/** The half widths that each partition of a lane broadcasts for the versions of its model. */
export class AnnouncedWidths {
  readonly #partitions: ReadonlyMap<string, number>;
  readonly #lane: string;
  /** By partition. */
  readonly #widths = new Map<number, ReadonlyMap<string, number>>();

  constructor(lane: string, partitions = 1) {
    this.#lane = lane;
    this.#partitions = new Map(LanePartition.all(lane, partitions).map(({ name, index }) => [name, index]));
  }

  /** Follows what is broadcast, and asks for what was broadcast before. */
  async follow(bus: Bus): Promise<Subscription> {
    const ask = () => bus.broadcast(WINDOW_REQUESTS_EXCHANGE, halfWidthRequest());
    const subscription = await bus.subscribe(METRICS_EXCHANGE, `model.${this.#lane}.half-widths`, (delivery) => this.onNotice(delivery), {
      onGap: ask,
    });
    ask();
    return subscription;
  }

  onNotice(delivery: Delivery): void {
    const notice = readHalfWidths(delivery);
    const partition = this.#partitions.get(notice?.partition ?? notice?.lane ?? "");
    if (notice === undefined || partition === undefined) return;
    this.#widths.set(partition, new Map(notice.half_widths.map(({ model, half_width: width }) => [model, width])));
  }

  /** The predictions with the half width of their version, if it has one. @param partition - of all of them. */
  attachedTo(predictions: PredictionFrame, partition = 1): PredictionFrame {
    const width = this.#widths.get(partition)?.get(predictions.model);
    if (width === undefined) return predictions;
    return { ...predictions, halfWidths: new Float64Array(predictions.ids.length).fill(width) };
  }
}
