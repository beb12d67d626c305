import { alertSchema, SavedFormat, type Alert } from "@streamgauge/core";
import Type from "typebox";
import type { Waiting } from "./next-step.js";

/** What one receiver has not got, and when it got its last messages. */
export interface SavedReceiver {
  readonly id: string;
  readonly waiting: readonly Omit<Waiting, "episode">[];
  /** ms since 1970, of the last hour. */
  readonly sent: readonly number[];
  /** Alerts that were dropped since its last message because too many waited. */
  readonly skipped: number;
}

/** What alerts keeps on disk. */
export interface SavedDeliveries {
  readonly version: 1;
  /** The alerts that fire or wait for a receiver. */
  readonly alerts: readonly Alert[];
  /** Keys of those that fire. */
  readonly firing: readonly string[];
  /** Keys of the last alerts that came, to know those that come again. */
  readonly seen: readonly string[];
  readonly receivers: readonly SavedReceiver[];
}

const count = Type.Integer({ minimum: 0 });

export const DELIVERIES_FORMAT = new SavedFormat<SavedDeliveries>({
  what: "The state of alerts",
  version: 1,
  schema: Type.Object({
    version: Type.Literal(1),
    alerts: Type.Array(alertSchema),
    firing: Type.Array(Type.String()),
    seen: Type.Array(Type.String()),
    receivers: Type.Array(
      Type.Object({
        id: Type.String(),
        waiting: Type.Array(Type.Object({ key: Type.String(), refusals: count, notBefore: Type.Number() })),
        sent: Type.Array(Type.Number()),
        skipped: count,
      } satisfies Record<keyof SavedReceiver, unknown>),
    ),
  } satisfies Record<keyof SavedDeliveries, unknown>),
  upgrades: {},
});
