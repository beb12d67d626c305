import { idRefusal, Ids, numberRefusal, type LabelFrame, type Refusal } from "@streamgauge/core";

/** Collects labels into one frame. */
export class LabelTable {
  #ids: string[] = [];
  #values: number[] = [];

  /** Labels are small, and the number of rows limits the message. */
  readonly bytes = 0;

  get rows(): number {
    return this.#ids.length;
  }

  /** Adds a label, or returns why not. @param position - its index in the request, from 0. */
  add({ id, y_true: value }: { readonly id?: unknown; readonly y_true?: unknown }, position: number): Refusal | undefined {
    const badId = idRefusal(id, position);
    if (badId !== undefined || typeof id !== "string") return badId;
    const refusal = numberRefusal(value, position, id, "y_true");
    if (refusal !== undefined || typeof value !== "number") return refusal;
    this.#ids.push(id);
    this.#values.push(value);
    return undefined;
  }

  /** The labels added since the last call. */
  take(): LabelFrame {
    const frame = { ids: Ids.of(this.#ids), y_true: Float64Array.from(this.#values) };
    this.#ids = [];
    this.#values = [];
    return frame;
  }
}
