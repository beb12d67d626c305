import Type from "typebox";
import { ErrorChangeSchema, type ErrorChange } from "./error-change.js";

/** How urgent an alert is. */
export const SEVERITIES = ["info", "warning", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A slice of rows with an unusual error. */
export interface AlertSegment {
  /** What its rows have in common, such as `age > 60`. */
  readonly name: string;
  readonly rows: number;
  /** Mean absolute error of these rows, in the target's unit. */
  readonly mae: number | null;
}

/** A rule that holds or no longer holds for a lane. Each episode sends one firing alert and one resolved alert. */
export interface Alert {
  /** The same for a rule, a lane and a model version, whenever it fires. */
  readonly fingerprint: string;
  /** The same for the firing and the resolved alert of one episode. */
  readonly episode: string;
  readonly state: "firing" | "resolved";
  /** Whether it is a sample of `streamgauge alerts --test`. */
  readonly test: boolean;
  /** The name of the rule, and the kind of figure that it watches. */
  readonly rule: string;
  readonly kind: string;
  readonly severity: Severity;
  readonly lane: string;
  /** The model version that it is about; empty if none is known. */
  readonly model: string;
  /** One sentence for people. */
  readonly summary: string;
  /** The figure; null if there is none, or it is beyond the largest double. */
  readonly value: number | null;
  /** The bound that the figure crossed; null if the rule has none. */
  readonly bound: number | null;
  /** Of value and bound: the target's unit, `s`, `rows`, `messages`, or empty. */
  readonly unit: string;
  /** The time that the figure is about, in s; null if the rule has no window. */
  readonly window_s: number | null;
  /** When the figure crossed the bound, when the alert fired and when it was resolved: RFC 3339 in UTC, with ms. */
  readonly since: string;
  readonly fired_at: string;
  readonly resolved_at: string | null;
  /** The slices of rows with the worst errors, worst first; empty if none is known. */
  readonly segments: readonly AlertSegment[];
  /** Of a rule on the alarm: the change, as the alarm said that noticed it first; left out by an earlier version. */
  readonly change?: ErrorChange;
  /** The page that shows the errors; null unless PAGE_URL is set. */
  readonly page_url: string | null;
  /** Where the rows of the episode are in the log of the lane: the bytes from `from` up to but not including `to`. */
  readonly log: { readonly file: string; readonly from: number; readonly to: number } | null;
}

const when = (description: string) =>
  Type.String({ pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`, description: `${description}, RFC 3339 in UTC with ms.` });
const text = (maxLength: number, description: string, minLength = 0) => Type.String({ minLength, maxLength, description });
const figure = (description: string) => Type.Union([Type.Number(), Type.Null()], { description });
const offset = Type.Integer({ minimum: 0 });

/** The most segments of an alert. */
export const MAX_SEGMENTS = 10;
/** The longest name of a segment, in characters. */
export const MAX_SEGMENT_NAME = 256;
/** The longest summary, in characters. */
export const MAX_SUMMARY = 500;

/** The body of an alert; JSON Schema. The reader validates with this very value. */
export const alertSchema = Type.Object(
  {
    fingerprint: text(64, "The same for a rule, a lane and a model version, whenever it fires.", 1),
    episode: text(
      128,
      "The same for the firing and the resolved alert of one episode. Alerts may arrive more than once: know one by episode and state.",
      1,
    ),
    state: Type.Union([Type.Literal("firing"), Type.Literal("resolved")]),
    test: Type.Boolean({ description: "Whether it is a sample of `streamgauge alerts --test`." }),
    rule: text(64, "The name of the rule.", 1),
    kind: text(32, "The kind of figure that the rule watches, such as mae or no_rows."),
    severity: Type.Union(SEVERITIES.map((severity) => Type.Literal(severity))),
    lane: text(64, "The lane that it is about.", 1),
    model: text(256, "The model version that it is about; empty if none is known."),
    summary: text(MAX_SUMMARY, "One sentence for people."),
    value: figure("The figure; null if there is none, or it is beyond 1.8e308."),
    bound: figure("The bound that the figure crossed; null if the rule has none."),
    unit: text(64, "Of value and bound: the target's unit, s, rows, messages, or empty."),
    window_s: figure("The time that the figure is about, in seconds; null if the rule has no window."),
    since: when("When the figure crossed the bound"),
    fired_at: when("When the alert fired"),
    resolved_at: Type.Union([when("When it was resolved"), Type.Null()]),
    segments: Type.Array(
      Type.Object({
        name: text(MAX_SEGMENT_NAME, "What its rows have in common."),
        rows: offset,
        mae: figure("Mean absolute error of these rows, in the target's unit."),
      } satisfies Record<keyof AlertSegment, unknown>),
      { maxItems: MAX_SEGMENTS, description: "The slices of rows with the worst errors, worst first." },
    ),
    change: Type.Optional(ErrorChangeSchema),
    page_url: Type.Union([text(2_000, "The page that shows the errors."), Type.Null()]),
    log: Type.Union([
      Type.Object(
        { file: text(256, "The log of the lane, in LOGS_DIR."), from: offset, to: offset },
        { description: "Where the rows of the episode are: the bytes from `from` up to but not including `to`." },
      ),
      Type.Null(),
    ]),
  } satisfies Record<keyof Alert, unknown>,
  { description: "A rule that holds or no longer holds for a lane." },
);
