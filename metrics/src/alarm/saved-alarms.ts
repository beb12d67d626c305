import { SavedDouble, SavedFormat, type HeldOutError } from "@streamgauge/core";
import Type from "typebox";
import { packDoubles, packedDoubles } from "../state/packed-doubles.js";
import type { AlarmChange } from "./alarm-change.js";
import { SEASONS, type Season } from "./alarm-settings.js";
import { HOURS } from "./hour-of-week.js";
import { MODEL_DOUBLES } from "./model-alarm.js";
import { ALARM_KINDS, type LaneAlarm } from "./raised-alarm.js";
import { Reference } from "./reference.js";
import { RowRate } from "./row-rate.js";
import { SharperBaseline } from "./sharper-baseline.js";
import { Watch } from "./watch.js";

/** The alarm of a version, packed: see `packDoubles`. */
export interface SavedModelAlarm {
  readonly model: string;
  readonly season: Season;
  /** Left out if the model did not say. */
  readonly heldOut?: HeldOutError;
  readonly numbers: string;
  readonly reference: string;
  readonly rate: string;
  readonly watch: string;
  readonly sharper: string;
}

/** The alarms of a lane, without those that were raised. */
export interface AlarmState {
  readonly version: 2;
  /** Alarms that were raised since the lane began. */
  readonly count: number;
  /** The one used last at the end. */
  readonly models: readonly SavedModelAlarm[];
  /** The latest change of each kind and version; left out by an earlier version. */
  readonly changes?: readonly AlarmChange[];
}

/** An alarm that was raised, as it is kept. */
export interface SavedAlarm extends LaneAlarm {
  readonly version: 1;
}

const count = Type.Integer({ minimum: 0 });

/** The alarm of a version that has a reference for so many hours. */
const modelAlarm = (season: Season, hours: number) =>
  Type.Object({
    model: Type.String(),
    season: Type.Literal(season),
    heldOut: Type.Optional(Type.Object({ rows: count, mae: Type.Number(), sd: Type.Number() })),
    numbers: packedDoubles(MODEL_DOUBLES),
    reference: packedDoubles(Reference.doubles(hours)),
    rate: packedDoubles(RowRate.doubles),
    watch: packedDoubles(Watch.doubles),
    sharper: packedDoubles(SharperBaseline.doubles),
  } satisfies Record<keyof SavedModelAlarm, unknown>);

/** What is kept of an alarm. */
const ALARM_FIELDS = {
  number: count,
  model: Type.String(),
  raisedAt: Type.Number(),
  kind: Type.Union(ALARM_KINDS.map((kind) => Type.Literal(kind))),
  row: count,
  time: SavedDouble,
  sinceRow: count,
  sinceTime: SavedDouble,
  rowsSince: count,
  meanBefore: SavedDouble,
  meanSince: SavedDouble,
  meanSinceLow: SavedDouble,
  meanSinceHigh: SavedDouble,
  baseline: SavedDouble,
  every: SavedDouble,
  again: Type.Boolean(),
} satisfies Record<keyof LaneAlarm, unknown>;

export const ALARM_STATE_FORMAT = new SavedFormat<AlarmState>({
  what: "The state of the alarm",
  version: 2,
  schema: Type.Object({
    version: Type.Literal(2),
    count,
    models: Type.Array(Type.Union(SEASONS.map((season) => modelAlarm(season, season === "none" ? 0 : HOURS)))),
    changes: Type.Optional(Type.Array(Type.Object({ ...ALARM_FIELDS, raisedAgain: count } satisfies Record<keyof AlarmChange, unknown>))),
  }),
  upgrades: { 1: withSharper },
});

/** Version 1 had baselines of the reference alone: they stay so. */
function withSharper(older: unknown): unknown {
  const { models = [], ...rest }: { models?: readonly object[] } = Object(older);
  const sharper = packDoubles(new Float64Array(SharperBaseline.doubles));
  return { ...rest, version: 2, models: models.map((model) => ({ ...model, sharper })) };
}

export const ALARM_FORMAT = new SavedFormat<SavedAlarm>({
  what: "An alarm",
  version: 1,
  schema: Type.Object({ version: Type.Literal(1), ...ALARM_FIELDS } satisfies Record<keyof SavedAlarm, unknown>),
  upgrades: {},
});
