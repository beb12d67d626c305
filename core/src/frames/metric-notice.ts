import Type from "typebox";
import { Compile } from "typebox/compile";
import type { Delivery, Message } from "../bus/bus.js";
import { forEachMetric } from "../statistics/metrics/metric-table.js";
import { statisticsProperties, type StatisticsJson } from "../statistics/statistics-json.js";
import { CONTRACT_VERSION, FRAME_HEADER } from "./frame.js";
import { JSON_TYPE } from "../media-type.js";

/** What metrics tells, a few times a second at most, when rows were logged. */
export interface MetricNotice {
  readonly lane: string;
  /** The model of the latest prediction. */
  readonly model: string;
  /** The unit of its values; empty where it does not say. */
  readonly unit: string;
  /** Of all rows in the log. */
  readonly statistics: StatisticsJson;
  /** Some of the rows just logged, the latest last; an absolute error beyond the largest double is null. */
  readonly rows: readonly {
    readonly id: string;
    readonly y_true: number;
    readonly y_pred: number;
    readonly absolute_error: number | null;
  }[];
}

/** What its body must look like; JSON Schema. The reader validates with this very value. */
export const noticeSchema = Type.Object(
  {
    lane: Type.String(),
    model: Type.String({ description: "The model of the latest prediction." }),
    unit: Type.String({ description: "The unit of its values; empty where it does not say." }),
    statistics: Type.Object(
      // An earlier version has fewer metrics.
      { ...statisticsProperties, ...forEachMetric(({ name }) => Type.Optional(statisticsProperties[name])) },
      { description: "Of all rows in the log; null where there are too few rows." },
    ),
    rows: Type.Array(
      Type.Object({
        id: Type.String(),
        y_true: Type.Number(),
        y_pred: Type.Number(),
        absolute_error: Type.Union([Type.Number(), Type.Null()]),
      }),
      {
        description: "Some of the rows just logged, the latest last; an absolute error beyond 1.8e308 is null.",
      },
    ),
  },
  { description: "What metrics tells when rows were logged." },
);
const notices = Compile(noticeSchema);

export function writeNotice(notice: MetricNotice): Message {
  return {
    body: Buffer.from(JSON.stringify(notice)),
    contentType: JSON_TYPE,
    type: "metric_rows",
    timestamp: Date.now(),
    headers: { [FRAME_HEADER.version]: CONTRACT_VERSION },
  };
}

/** The notice in a message; undefined where it is none. Nothing depends on notices, so a bad one is passed over. */
export function readNotice(delivery: Delivery): MetricNotice | undefined {
  try {
    const notice: unknown = JSON.parse(delivery.body.toString("utf8"));
    if (!notices.Check(notice)) return undefined;
    return { ...notice, statistics: { ...forEachMetric(() => null), ...notice.statistics } };
  } catch {
    return undefined;
  }
}
