import { jsonMessage, type Delivery, type Message } from "@streamgauge/core";
import { WINDOW_SIZE_NAMES, type WindowSize } from "@streamgauge/core/windows";
import Type, { type Static } from "typebox";
import { Compile } from "typebox/compile";
import { hoursFrom } from "../../monitoring/latest-drift.js";
import type { Rule } from "../rules/rule.js";
import { spanOf } from "../window-span.js";

/** The `type` property of these messages. */
const QUESTION_TYPE = "figures_question";

const span = Type.Object({
  size: Type.Unsafe<WindowSize>(Type.Union(WINDOW_SIZE_NAMES.map((name) => Type.Literal(name)))),
  from: Type.Number(),
  to: Type.Number(),
});
const question = Type.Object({
  lane: Type.String(),
  /** Partitions of the lane. */
  of: Type.Integer({ minimum: 2 }),
  /** Names the question; its answers carry it. */
  round: Type.String(),
  /** The model version that alarms and drift are asked of. */
  model: Type.String(),
  /** The latest event time of the lane as far as it is known, ms since 1970; null before the first. The spans end there. */
  watermark: Type.Union([Type.Number(), Type.Null()]),
  spans: Type.Array(span),
  /** Where the hours begin whose drift is asked for, ms since 1970. */
  driftFrom: Type.Array(Type.Number()),
});
/** What the partition that looks at the rules of a lane asks the others for. */
export type FiguresQuestion = Static<typeof question>;
const questions = Compile(question);

/** What the rules of a lane need, up to an event time. @param watermark - ms since 1970; -Infinity before the first row. */
export function neededBy(rules: readonly Rule[], watermark: number): Pick<FiguresQuestion, "watermark" | "spans" | "driftFrom"> {
  if (!Number.isFinite(watermark)) return { watermark: null, spans: [], driftFrom: [] };
  const spans = new Map<string, FiguresQuestion["spans"][number]>();
  const driftFrom = new Set<number>();
  for (const rule of rules) {
    if (!("windowMs" in rule) || rule.kind === "dead_letters") continue;
    if (rule.kind === "drift") driftFrom.add(hoursFrom(watermark, rule.windowMs));
    else {
      const needed = spanOf(watermark, rule.windowMs, rule.kind === "coverage" ? rule.afterMs : 0);
      spans.set(JSON.stringify(needed), needed);
    }
  }
  return { watermark, spans: [...spans.values()], driftFrom: [...driftFrom] };
}

export function writeQuestion(asked: FiguresQuestion): Message {
  return jsonMessage(QUESTION_TYPE, JSON.stringify(asked));
}

/** The question in a message; undefined if it is none that this version knows. */
export function readQuestion({ type, body }: Pick<Delivery, "type" | "body">): FiguresQuestion | undefined {
  if (type !== QUESTION_TYPE) return undefined;
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return questions.Check(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
