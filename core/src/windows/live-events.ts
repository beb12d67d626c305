import Type, { type Static, type TSchema } from "typebox";
import { ErrorChangeSchema } from "../alerts/error-change.js";
import { WindowJsonSchema } from "./window-json.js";
import { SummaryFiguresSchema, WindowSummarySchema } from "./window-summary.js";

const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const time = (description: string) => orNull(Type.Number({ description }));

/** Windows of the choice, as GET /windows returns them. */
export const WindowsEventSchema = Type.Object({
  complete: Type.Boolean({ description: "Whether these are all windows of the choice, or those that changed." }),
  from: time("Windows that begin earlier are no longer in the choice; ms since 1970, null: no bound."),
  to: time("Windows begin before this time; null: no bound."),
  windows: Type.Array(WindowJsonSchema),
});
export type WindowsEvent = Static<typeof WindowsEventSchema>;

/** The choice as one window, as GET /windows/summary returns it. */
export const SummaryEventSchema = Type.Object({ summary: orNull(WindowSummarySchema) });
export type SummaryEvent = Static<typeof SummaryEventSchema>;

const perSecond = Type.Number({ minimum: 0 });

/** How the lane is now. */
export const HeadlineEventSchema = Type.Object({
  last_hour: orNull(
    Type.Object(SummaryFiguresSchema.properties, {
      description: "The newest minutes, at most sixty, as GET /windows/summary?size=1m returns them from the same time on.",
    }),
  ),
  rows_per_second: orNull(Type.Object({ predicted: perSecond, labelled: perSecond })),
  model: orNull(Type.String({ description: "The model version of the latest row." })),
  unit: Type.String({ description: "Of the predicted value; empty if the model does not say." }),
  alarm: orNull(
    Type.Object({
      state: Type.String({ description: "reference, ok, worse or better." }),
      row: Type.Optional(Type.Integer({ description: "The row of the log that raised it last." })),
      change: Type.Optional(ErrorChangeSchema),
    }),
  ),
  lanes: Type.Array(Type.String(), { description: "Lanes that have windows." }),
});
export type HeadlineEvent = Static<typeof HeadlineEventSchema>;

/** Some of the rows that were logged last. */
export const RowsEventSchema = Type.Object({
  rows: Type.Array(
    Type.Object({
      id: Type.String(),
      y_true: Type.Number(),
      y_pred: Type.Number(),
      absolute_error: orNull(Type.Number({ description: "null if it is beyond 1.8e308." })),
    }),
  ),
});
export type RowsEvent = Static<typeof RowsEventSchema>;
