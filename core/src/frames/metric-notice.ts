import Type from "typebox";
import { Compile } from "typebox/compile";
import type { Delivery, Message } from "../bus/bus.js";
import { ErrorChangeSchema, type ErrorChange } from "../alerts/error-change.js";
import type { Alert } from "../alerts/alert.js";
import { forEachMetric } from "../statistics/metrics/metric-table.js";
import { statisticsProperties, type StatisticsJson } from "../statistics/statistics-json.js";
import { jsonMessage } from "./json-message.js";

/** What the alarm on the error says of a model: it is being taught how wrong the model usually is, it is off, or it is on. */
export const ALARM_STATES = ["reference", "ok", "worse", "better"] as const;

/** The alarm on the error of a model. */
export interface AlarmNotice {
  readonly state: (typeof ALARM_STATES)[number];
  /** The row of the log that raised it last, from 1; left out while it is off. */
  readonly row?: number | undefined;
  /** The change that it is on for; left out while it is off, and by an earlier version. */
  readonly change?: ErrorChange | undefined;
}

/** An alert that fires. */
export type AlertNotice = Pick<Alert, "rule" | "kind" | "severity" | "summary" | "since" | "change">;

/** The rows that happened in the last hour of the stream. */
export interface HourNotice {
  readonly predicted: number;
  readonly labelled: number;
  /** Mean absolute error; null if none has a label. */
  readonly mae: number | null;
}

/** All rows in the log, as their labels were corrected. */
export interface CorrectedNotice {
  /** Labels that took the place of others. */
  readonly corrections: number;
  readonly statistics: StatisticsJson;
}

/** The interval that the model's predictions have from now on. */
export interface IntervalNotice {
  /** The share of rows whose interval is to hold the label. */
  readonly coverage: number;
  readonly half_width: number;
}

/** How long predictions took from the source, in seconds. */
export interface LagNotice {
  /** Until metrics had them. */
  readonly predicted_s: number;
  /** Until they were committed. */
  readonly logged_s: number;
}

/** What metrics broadcasts: a few times a second at most when rows were logged, when alerts begin or end, at its start, and when a gateway asks. */
export interface MetricNotice {
  readonly lane: string;
  /** The partition that logged them; left out if the lane has only one. Then the figures are of its rows. */
  readonly partition?: string | undefined;
  /** What the statistics of a partition follow from, at most once a second: those of several merge into those of the lane. */
  readonly sums?: string | undefined;
  /** The model of the latest prediction. */
  readonly model: string;
  /** The unit of its values; empty if it does not say. */
  readonly unit: string;
  /** Of all rows in the log, by the labels that they were logged with. */
  readonly statistics: StatisticsJson;
  /** The same as corrected; left out while no label was. */
  readonly corrected?: CorrectedNotice | undefined;
  /** The alarm on the error of that model; left out by an earlier version. */
  readonly alarm?: AlarmNotice | undefined;
  /** The alerts of the lane that fire; left out by an earlier version, and by partitions that do not look at rules. */
  readonly alerts?: readonly AlertNotice[] | undefined;
  /** The last hour; left out by an earlier version. */
  readonly hour?: HourNotice | undefined;
  /** The interval of that model's predictions; left out while there is none. */
  readonly interval?: IntervalNotice | undefined;
  /** How long the latest predictions took; left out by an earlier version. */
  readonly lag?: LagNotice | undefined;
  /** When the disk of the log is full at the present rate, in seconds; left out unless that is near. */
  readonly disk_full_in_s?: number | undefined;
  /** Some of the rows just logged, the latest last; an absolute error beyond the largest double is null. */
  readonly rows: readonly {
    readonly id: string;
    readonly y_true: number;
    readonly y_pred: number;
    readonly absolute_error: number | null;
  }[];
}

// An earlier version has fewer metrics.
const statistics = { ...statisticsProperties, ...forEachMetric(({ name }) => Type.Optional(statisticsProperties[name])) };

/** An alert that fires; JSON Schema. */
export const AlertNoticeSchema = Type.Object({
  rule: Type.String(),
  kind: Type.String(),
  severity: Type.Union([Type.Literal("info"), Type.Literal("warning"), Type.Literal("critical")]),
  summary: Type.String({ description: "One sentence for people." }),
  since: Type.String({ description: "When its figure crossed the bound, RFC 3339." }),
  change: Type.Optional(ErrorChangeSchema),
} satisfies Record<keyof AlertNotice, unknown>);

/** What its body must look like; JSON Schema. The reader validates with this very value. */
export const noticeSchema = Type.Object(
  {
    lane: Type.String(),
    partition: Type.Optional(
      Type.String({ description: "The partition that logged them; left out if the lane has only one. Then the figures are of its rows." }),
    ),
    sums: Type.Optional(
      Type.String({
        description: "Of a partition, at most once a second: what its statistics follow from, for programs of the same version.",
      }),
    ),
    model: Type.String({ description: "The model of the latest prediction." }),
    unit: Type.String({ description: "The unit of its values; empty if it does not say." }),
    statistics: Type.Object(statistics, {
      description: "Of all rows in the log, by the labels that they were logged with; null if there are too few rows.",
    }),
    corrected: Type.Optional(
      Type.Object(
        {
          corrections: Type.Integer({ minimum: 1, description: "Labels that took the place of others." }),
          statistics: Type.Object(statistics, { description: "Of all rows in the log, as corrected." }),
        },
        { description: "Left out while no label was corrected." },
      ),
    ),
    alarm: Type.Optional(
      Type.Object(
        {
          state: Type.Union(
            ALARM_STATES.map((state) => Type.Literal(state)),
            { description: "reference while the model's first rows are gathered, ok, worse or better." },
          ),
          row: Type.Optional(Type.Integer({ minimum: 1, description: "The row of the log that raised it last, from 1, while it is on." })),
          change: Type.Optional(ErrorChangeSchema),
        },
        { description: "The alarm on the error of that model." },
      ),
    ),
    alerts: Type.Optional(
      Type.Array(AlertNoticeSchema, {
        description: "The alerts of the lane that fire; left out by partitions that do not look at rules.",
      }),
    ),
    hour: Type.Optional(
      Type.Object(
        {
          predicted: Type.Integer({ minimum: 0 }),
          labelled: Type.Integer({ minimum: 0 }),
          mae: Type.Union([Type.Number(), Type.Null()], { description: "Mean absolute error; null if none has a label." }),
        },
        { description: "The rows that happened in the last hour of the stream, up to its newest event time; at most a second old." },
      ),
    ),
    interval: Type.Optional(
      Type.Object(
        {
          coverage: Type.Number({ description: "The share of rows whose interval is to hold the label." }),
          half_width: Type.Number({ minimum: 0, description: "The interval is y_pred ± half_width." }),
        },
        { description: "The interval of that model's predictions from now on; left out while there is none." },
      ),
    ),
    lag: Type.Optional(
      Type.Object(
        {
          predicted_s: Type.Number({ minimum: 0, description: "From the source to metrics, in seconds." }),
          logged_s: Type.Number({ minimum: 0, description: "From the source to the committed log, in seconds." }),
        },
        { description: "How long the latest predictions took." },
      ),
    ),
    disk_full_in_s: Type.Optional(
      Type.Number({
        minimum: 0,
        description: "When the disk of the log is full at the present rate, in seconds; left out unless that is near.",
      }),
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
  { description: "What metrics broadcasts when rows were logged, when alerts begin or end, at its start, and when a gateway asks." },
);
const notices = Compile(noticeSchema);

export function writeNotice(notice: MetricNotice): Message {
  return jsonMessage("metric_rows", JSON.stringify(notice));
}

/** The notice in a message; undefined if it is not one. Nothing depends on notices, so a bad one is passed over. */
export function readNotice(delivery: Delivery): MetricNotice | undefined {
  try {
    const notice: unknown = JSON.parse(delivery.body.toString("utf8"));
    if (!notices.Check(notice)) return undefined;
    const withAll = (some: typeof notice.statistics) => ({ ...forEachMetric(() => null), ...some });
    const { corrected } = notice;
    return {
      ...notice,
      statistics: withAll(notice.statistics),
      corrected: corrected === undefined ? undefined : { ...corrected, statistics: withAll(corrected.statistics) },
    };
  } catch {
    return undefined;
  }
}
