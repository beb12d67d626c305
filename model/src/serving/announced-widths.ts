import {
  halfWidthRequest,
  METRICS_EXCHANGE,
  readHalfWidths,
  WINDOW_REQUESTS_EXCHANGE,
  type Bus,
  type Delivery,
  type PredictionFrame,
  type Subscription,
} from "@streamgauge/core";

/** The half widths that metrics broadcasts for the versions of a lane's model. */
export class AnnouncedWidths {
  readonly #lane: string;
  #widths: ReadonlyMap<string, number> = new Map();

  constructor(lane: string) {
    this.#lane = lane;
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
    if (notice?.lane !== this.#lane) return;
    this.#widths = new Map(notice.half_widths.map(({ model, half_width: width }) => [model, width]));
  }

  /** The predictions with the half width of their version, if it has one. */
  attachedTo(predictions: PredictionFrame): PredictionFrame {
    const width = this.#widths.get(predictions.model);
    if (width === undefined) return predictions;
    return { ...predictions, halfWidths: new Float64Array(predictions.ids.length).fill(width) };
  }
}
