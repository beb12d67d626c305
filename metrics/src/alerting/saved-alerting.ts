import { alertSchema, SavedFormat, type Alert } from "@streamgauge/core";
import Type from "typebox";
import type { SavedActivity } from "./activity.js";
import type { SavedOutbox } from "./outbox.js";
import type { RuleState } from "./state-machine.js";

/** The state of a rule, and of the alert that it raised. */
export interface SavedRule {
  readonly rule: string;
  readonly phase: RuleState["phase"];
  /** ms since 1970; null if the phase has none. */
  readonly since: number | null;
  readonly firedAt: number | null;
  readonly clearSince: number | null;
  /** The model version that it is about; empty for rules that are about none. */
  readonly model: string;
  /** Where the log ended when it began. */
  readonly logFrom: number;
  /** The alert that fires. */
  readonly alert: Alert | null;
  /** Whether it was sent. One that is silenced is sent when the silence ends. */
  readonly isSent: boolean;
}

/** The state of all rules of a lane: a part of the commit. */
export interface SavedAlerting {
  readonly version: 1;
  readonly rules: readonly SavedRule[];
  readonly outbox: SavedOutbox;
  readonly activity: SavedActivity;
  /** Where the log ended when the rules were looked at last. */
  readonly logLength: number;
  /** The model version that rules of a model are about; empty while none is known. */
  readonly model: string;
}

/** The last alerts that were resolved, oldest first. */
export interface SavedAlertHistory {
  readonly version: 1;
  readonly alerts: readonly Alert[];
}

const count = Type.Integer({ minimum: 0 });
const time = Type.Union([Type.Number(), Type.Null()]);
const bothSides = <T extends Type.TSchema>(one: T) => Type.Object({ y_true: one, y_pred: one });

export const ALERTING_FORMAT = new SavedFormat<SavedAlerting>({
  what: "The state of the rules",
  version: 1,
  schema: Type.Object({
    version: Type.Literal(1),
    rules: Type.Array(
      Type.Object({
        rule: Type.String(),
        phase: Type.Union([Type.Literal("ok"), Type.Literal("pending"), Type.Literal("firing")]),
        since: time,
        firedAt: time,
        clearSince: time,
        model: Type.String(),
        logFrom: count,
        alert: Type.Union([alertSchema, Type.Null()]),
        isSent: Type.Boolean(),
      } satisfies Record<keyof SavedRule, unknown>),
    ),
    outbox: Type.Object({
      next: count,
      entries: Type.Array(Type.Object({ sequence: count, alert: alertSchema })),
      dropped: count,
    } satisfies Record<keyof SavedOutbox, unknown>),
    activity: Type.Object({
      received: bothSides(count),
      lastAt: bothSides(time),
      deadLetters: Type.Array(
        Type.Object({
          rule: Type.String(),
          depth: Type.Optional(count),
          total: Type.Optional(count),
          samples: Type.Array(Type.Object({ at: Type.Number(), messages: count })),
        }),
      ),
      alarms: Type.Array(Type.Object({ rule: Type.String(), partition: Type.Optional(count), row: count })),
    } satisfies Record<keyof SavedActivity, unknown>),
    logLength: count,
    model: Type.String(),
  } satisfies Record<keyof SavedAlerting, unknown>),
  upgrades: {},
});

export const ALERT_HISTORY_FORMAT = new SavedFormat<SavedAlertHistory>({
  what: "The past alerts",
  version: 1,
  schema: Type.Object({ version: Type.Literal(1), alerts: Type.Array(alertSchema) } satisfies Record<keyof SavedAlertHistory, unknown>),
  upgrades: {},
});
