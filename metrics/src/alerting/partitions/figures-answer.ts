import { ErrorChangeSchema, jsonMessage, MAX_SEGMENTS, type Delivery, type Message } from "@streamgauge/core";
import { WINDOW_FORMAT, type SavedWindow } from "@streamgauge/core/windows";
import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";

/** The `type` property of these messages. */
const ANSWER_TYPE = "figures_answer";

const time = Type.Union([Type.Number(), Type.Null()]);
const head = Type.Object({
  lane: Type.String(),
  /** From 1. */
  partition: Type.Integer({ minimum: 1 }),
  /** That of the question. */
  round: Type.String(),
  /** The latest event time of the partition, ms since 1970; null before the first. */
  watermark: time,
  /** Of its latest predictions. */
  model: Type.String(),
  unit: Type.String(),
  /** When rows of each side last came, ms since 1970; null: never. */
  lastAt: Type.Object({ y_true: time, y_pred: time }),
  /** What the detector of changes says of the model version of the question. A mean that is not known is null. */
  alarms: Type.Array(
    Type.Object({
      kind: Type.Union([Type.Literal("worse"), Type.Literal("better")]),
      isOn: Type.Boolean(),
      raisedAtRow: Type.Integer({ minimum: 0 }),
      meanBefore: time,
      meanSince: time,
      /** The latest change that alarms of this kind are about; left out if there was none, and by an earlier version. */
      change: Type.Optional(ErrorChangeSchema),
      segments: Type.Array(Type.Object({ name: Type.String(), rows: Type.Integer({ minimum: 0 }), mae: time }), { maxItems: MAX_SEGMENTS }),
    }),
  ),
  /** Predicted rows by the bins of all columns, for each time of `driftFrom`; null if there are none. */
  drift: Type.Array(
    Type.Union([
      Type.Object({
        layout: Type.String(),
        hours: Type.Integer({ minimum: 0 }),
        rows: Type.Integer({ minimum: 0 }),
        bins: Type.Array(Type.Number()),
      }),
      Type.Null(),
    ]),
  ),
});
const answers = Compile(Type.Object({ ...head.properties, windows: Type.Array(Type.Unknown()) }));

/** The figures of one partition, as it answers a question. */
export interface FiguresAnswer extends Static<typeof head> {
  /** Those of each span of the question, as one. */
  readonly windows: readonly SavedWindow[];
}

export function writeAnswer({ windows, ...rest }: FiguresAnswer): Message {
  // The format of a window knows how to write what JSON has no number for.
  const written = windows.map((window) => WINDOW_FORMAT.write(window)).join(",");
  return jsonMessage(ANSWER_TYPE, `${JSON.stringify(rest).slice(0, -1)},"windows":[${written}]}`);
}

/** The answer in a message; undefined if it is none that this version can read. */
export function readAnswer({ type, body }: Pick<Delivery, "type" | "body">): FiguresAnswer | undefined {
  if (type !== ANSWER_TYPE) return undefined;
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    if (!answers.Check(value)) return undefined;
    return { ...value, windows: value.windows.map((window) => WINDOW_FORMAT.readParsed(window)) };
  } catch {
    return undefined;
  }
}
