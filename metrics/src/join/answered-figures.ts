import type { AlertSegment } from "@streamgauge/core";
import type { AlarmFigures } from "../alerting/lane-figures.js";
import type { FiguresAnswer } from "../alerting/partitions/figures-answer.js";
import type { FiguresQuestion } from "../alerting/partitions/figures-question.js";
import { merged } from "../alerting/window-figures.js";
import type { JoinState } from "./join-state.js";
import { alarmFiguresOf, type LatestModel } from "./state-figures.js";

/** Answers the questions of the partition that looks at the rules of the lane. */
export class FigureAnswers {
  readonly #partition: number;
  /** The segments of the alarms that were raised since it was first asked, by model version. To find them may take a second. */
  readonly #segments = new Map<string, { readonly row: number; readonly segments: readonly AlertSegment[] }>();

  /** @param partition - its number. */
  constructor(partition: number) {
    this.#partition = partition;
  }

  /** The figures of the partition as they are committed. Between commits. */
  answer(state: JoinState, latest: LatestModel, question: FiguresQuestion): FiguresAnswer {
    const { windows } = state.monitor;
    const { lane, round, model, spans, driftFrom } = question;
    const drift = driftFrom.map((from) => state.drift.since(from, model));
    return {
      lane,
      partition: this.#partition,
      round,
      watermark: Number.isFinite(windows.watermark) ? windows.watermark : null,
      model: latest.model,
      unit: latest.unit,
      lastAt: state.alerting?.lastAt ?? { y_true: null, y_pred: null },
      alarms: alarmFiguresOf(state, model, this.#partition).map((alarm) => this.#alarm(model, alarm)),
      drift: drift.map((counted) => (counted === undefined ? null : { ...counted, bins: [...counted.bins] })),
      windows: spans.map(({ size, from, to }) => merged(size, windows.range(size, from, to)).save()),
    };
  }

  #alarm(model: string, alarm: AlarmFigures): FiguresAnswer["alarms"][number] {
    const { kind, isOn, raisedAtRow, change } = alarm;
    const segments = kind === "worse" ? this.#segmentsOf(model, alarm) : [];
    const { mean_before: meanBefore = null, mean_since: meanSince = null } = change ?? {};
    return { kind, isOn, raisedAtRow, meanBefore, meanSince, ...(change === undefined ? {} : { change }), segments };
  }

  #segmentsOf(model: string, alarm: AlarmFigures): AlertSegment[] {
    const known = this.#segments.get(model);
    if (known?.row === alarm.raisedAtRow) return [...known.segments];
    // An alarm of the past that is over raises no alert.
    const found = alarm.isOn || known !== undefined ? alarm.segments() : [];
    this.#segments.set(model, { row: alarm.raisedAtRow, segments: found });
    return [...found];
  }
}
