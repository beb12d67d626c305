import { DONE, type Delivery, type Handler, type Outcome } from "@streamgauge/core";

/** Collects what a consumer receives; `first` and `one` wait for it. */
export class Inbox {
  readonly deliveries: Delivery[] = [];
  readonly #waiting: { readonly count: number; readonly enough: () => void }[] = [];
  readonly #answer: (delivery: Delivery) => Outcome | Promise<Outcome>;

  /** @param answer - what becomes of a message. Default: done. */
  constructor(answer: (delivery: Delivery) => Outcome | Promise<Outcome> = () => DONE) {
    this.#answer = answer;
  }

  readonly handler: Handler = async (delivery) => {
    this.deliveries.push(delivery);
    for (const { count, enough } of this.#waiting) if (this.deliveries.length >= count) enough();
    return this.#answer(delivery);
  };

  /** The bodies so far, as text, in the order of arrival. */
  get texts(): string[] {
    return this.deliveries.map(({ body }) => body.toString());
  }

  /** Resolves with the first `count` deliveries, as soon as so many have come. */
  async first(count: number): Promise<Delivery[]> {
    if (this.deliveries.length < count) await new Promise<void>((enough) => this.#waiting.push({ count, enough }));
    return this.deliveries.slice(0, count);
  }

  /** Resolves with the first delivery. */
  async one(): Promise<Delivery> {
    const [delivery] = await this.first(1);
    if (delivery === undefined) throw new Error("Nothing was delivered.");
    return delivery;
  }
}
