import {
  DONE,
  featuresContract,
  formatOf,
  numberOf,
  predictionContract,
  predictionsOf,
  queuesOf,
  takeEventTimes,
  type Bus,
  type Delivery,
  type Outcome,
  type Subscription,
} from "@streamgauge/core";

export const SUM_MODEL = "sum@1";

/**
 * Stands in for the model service: predicts the sum of a row's features. Like the real one it refuses rows with a feature that is
 * not a number, after it has sent the predictions of the others.
 *
 * @param halfWidth - of the intervals of its predictions; undefined: they have none.
 */
export function startSumModel(bus: Bus, halfWidth?: number): Promise<Subscription> {
  return bus.consume(queuesOf("champion").features, (delivery) => answer(bus, delivery, halfWidth), { prefetch: 100 });
}

async function answer(bus: Bus, delivery: Delivery, halfWidth: number | undefined): Promise<Outcome> {
  const { frame } = featuresContract.read(delivery);
  const sums = Array.from({ length: frame.ids.length }, (_, row) => {
    let sum = 0;
    for (const column of frame.columns.values()) {
      const cell = column[row];
      const value = frame.asWritten === true && typeof cell === "string" ? numberOf(cell) : cell;
      sum += typeof value === "number" ? value : Number.NaN;
    }
    return sum;
  });
  const good = sums.flatMap((sum, row) => (Number.isNaN(sum) ? [] : [row]));
  if (good.length > 0) {
    const predictions = {
      ids: frame.ids.take(good),
      y_pred: Float64Array.from(good, (row) => sums[row] ?? 0),
      eventTimes: takeEventTimes(frame.eventTimes, good),
      halfWidths: halfWidth === undefined ? undefined : new Float64Array(good.length).fill(halfWidth),
      model: SUM_MODEL,
      unit: "",
    };
    await bus.publish(predictionsOf("champion"), predictionContract.write(predictions, formatOf(delivery), Date.now()));
  }
  const refusals = sums.flatMap((sum, row) => (Number.isNaN(sum) ? [{ row, id: frame.ids.at(row), reason: "not a number" }] : []));
  return refusals.length === 0 ? DONE : { kind: "dead", refusals };
}
