import Type from "typebox";
import { overflowed } from "./overflowed.js";
import { forEachMetric, type MetricValues } from "./metrics/metric-table.js";

/** Statistics as JSON carries them: a metric that is no finite number is null. */
export interface StatisticsJson extends MetricValues<number | null> {
  /** Pairs. */
  readonly count: number;
  /** The metrics that are null because the errors, or sums of them, are beyond the largest double; absent: none. */
  readonly overflowed?: readonly string[];
}

const figure = (description: string) => Type.Union([Type.Number(), Type.Null()], { description });

/** Which figures have no number for another reason than too few rows. */
export const OverflowedSchema = Type.Optional(
  Type.Array(Type.String(), {
    description:
      "The figures that are null because the errors, or sums of their squares, are beyond 1.8e308, the largest number; absent: none.",
  }),
);

/** The properties of `StatisticsJson` as JSON Schema. */
export const statisticsProperties = {
  count: Type.Integer({ minimum: 0, description: "Rows with both a prediction and a label." }),
  ...forEachMetric(({ unit, description }) => figure(unit === "target" ? `${description} In the target's unit.` : description)),
  overflowed: OverflowedSchema,
};

/** @param count - of pairs. */
export function statisticsJson(count: number, values: MetricValues): StatisticsJson {
  const beyond = overflowed(count, values);
  const shown = forEachMetric(({ name }) => (Number.isFinite(values[name]) ? values[name] : null));
  return { count, ...shown, ...(beyond.length === 0 ? {} : { overflowed: beyond }) };
}
