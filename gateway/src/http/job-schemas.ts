import { statisticsProperties } from "@streamgauge/core";
import Type from "typebox";
import type { JobRecord } from "../store/job-store.js";
import { RowSchema } from "./schemas.js";

export const StatusSchema = Type.Union([
  Type.Literal("created"),
  Type.Literal("running"),
  Type.Literal("succeeded"),
  Type.Literal("failed"),
  Type.Literal("cancelled"),
]);
export const count = Type.Integer({ minimum: 0 });

const StatisticsSchema = Type.Object(
  {
    ...statisticsProperties,
    bins: Type.Array(Type.Object({ from: Type.Number(), to: Type.Union([Type.Number(), Type.Null()]), count }), {
      description: "A histogram: absolute errors from `from` to below `to`; null is the end of the bin that gathers a heavy tail.",
    }),
  },
  { description: "Of the errors of all rows so far; null if there are too few, or if `overflowed` names the statistic." },
);

export const JobSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  status: StatusSchema,
  rows: count,
  done: Type.Integer({ minimum: 0, description: "Rows with a prediction." }),
  failed: Type.Integer({ minimum: 0, description: "Rows that get none; their results say why." }),
  progress: Type.Number({ minimum: 0, maximum: 1 }),
  createdAt: Type.String({ format: "date-time" }),
  startedAt: Type.Optional(Type.String({ format: "date-time" })),
  finishedAt: Type.Optional(Type.String({ format: "date-time" })),
  seconds: Type.Optional(Type.Number({ description: "How long it has run." })),
  reason: Type.Optional(Type.String({ description: "Why it failed." })),
  statistics: Type.Optional(StatisticsSchema),
});

export const WarningsSchema = Type.Array(Type.String(), {
  description: "What to know before it is run: columns that are passed over, labels that are missing.",
});

export const JobRowsSchema = Type.Object(
  {
    name: Type.Optional(Type.String({ maxLength: 200 })),
    rows: Type.Array(Type.Object({ ...RowSchema.properties, y_true: Type.Optional(Type.Number()) }, { additionalProperties: false }), {
      minItems: 1,
    }),
  },
  { additionalProperties: false },
);

/** A job as the API returns it. */
export function shown(job: JobRecord) {
  const { id, name, status, rows, done, failed, created_at: created, started_at: started, finished_at: finished, reason } = job;
  return {
    id,
    name,
    status,
    rows,
    done,
    failed,
    progress: rows === 0 ? 0 : (done + failed) / rows,
    createdAt: created.toISOString(),
    ...(started === null
      ? {}
      : { startedAt: started.toISOString(), seconds: ((finished ?? new Date()).getTime() - started.getTime()) / 1_000 }),
    ...(finished === null ? {} : { finishedAt: finished.toISOString() }),
    ...(reason === null ? {} : { reason }),
  };
}
