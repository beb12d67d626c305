import { errorChange } from "../alarm/alarm-change.js";
import { ALARM_KINDS } from "../alarm/raised-alarm.js";
import type { AlarmFigures, LaneFigures, WindowFigures } from "../alerting/lane-figures.js";
import { figuresOf, merged } from "../alerting/window-figures.js";
import { spanOf } from "../alerting/window-span.js";
import { MAX_SEGMENT_NAME, MAX_SEGMENTS, type AlertSegment } from "@streamgauge/core";
import { lengthOf, startOf, SummedWindows, type ErrorWindow } from "@streamgauge/core/windows";
import { segmentsOfLane } from "../monitoring/lane-segments.js";
import type { JoinState } from "./join-state.js";

/** How far back alerts look for where the error is. */
const LATEST_MS = lengthOf("1d");

/** The model version and the unit of the latest predictions. */
export interface LatestModel {
  readonly model: string;
  readonly unit: string;
}

/** The figures of a partition now, within a commit: those of its lane if it is the only one. @param deadLetters - undefined while that is not known. */
export function laneFiguresOf(state: JoinState, latest: LatestModel, deadLetters: number | undefined): LaneFigures {
  const { balance, log } = state;
  // Several rules look at the same windows.
  const known = new Map<string, WindowFigures>();
  return {
    partitions: { of: 1, missing: [] },
    elsewhere: undefined,
    received: { y_true: balance.y_true.received, y_pred: balance.y_pred.received },
    deadLetters,
    ...latest,
    logLength: log.length,
    alarms: (model) => alarmFiguresOf(state, model, 1),
    over(windowMs, endedMs, model) {
      const key = `${windowMs} ${endedMs} ${model}`;
      const figures = known.get(key) ?? figuresOver(state, windowMs, endedMs, model);
      if (figures !== undefined) known.set(key, figures);
      return figures;
    },
    drift: (windowMs, model) => state.drift.over(windowMs, model),
  };
}

/** Features are known by hours: the one that is open is among them. */
function latestSegments({ monitor }: JoinState, model: string): readonly AlertSegment[] {
  const from = startOf(monitor.windows.watermark - LATEST_MS, lengthOf("1h"));
  if (!Number.isFinite(from)) return [];
  const latest = { model, from, to: Infinity };
  const beside = segmentsOfLane([monitor], { ...latest, earlier: { from: -Infinity, to: from } });
  const found = beside?.earlier === null ? segmentsOfLane([monitor], latest) : beside;
  const standing = (found?.segments ?? []).filter(({ stands_out: standsOut }) => standsOut).slice(0, MAX_SEGMENTS);
  return standing.map(({ text, rows, mae }) => ({ name: text.slice(0, MAX_SEGMENT_NAME), rows, mae }));
}

/**
 * What the detector of changes of a partition says of a model version.
 *
 * @param partition - its number. @returns nothing while its reference is gathered.
 */
export function alarmFiguresOf(state: JoinState, model: string, partition: number): readonly AlarmFigures[] {
  const alarm = state.alarms.of(model);
  if (alarm?.baseline === undefined) return [];
  return ALARM_KINDS.map((kind) => {
    const change = state.alarms.change(model, kind);
    return {
      partition,
      kind,
      isOn: alarm.isOn(kind),
      raisedAtRow: alarm.last(kind)?.row ?? 0,
      change: change && errorChange(change, undefined),
      segments: () => latestSegments(state, model),
    };
  });
}

function figuresOver(state: JoinState, windowMs: number, endedMs: number, model: string): WindowFigures | undefined {
  const { windows } = state.monitor;
  if (!Number.isFinite(windows.watermark)) return undefined;
  const { size, from, to } = spanOf(windows.watermark, windowMs, endedMs);
  return figuresOf(new SummedWindows(windows.within(size, from, to)), model);
}

/**
 * The rows that happened in the last `windowMs` of the stream, or `endedMs` earlier, as one window.
 *
 * @param endedMs - how long before the latest event time it ends. @returns undefined before the first row.
 */
export function windowOver({ monitor: { windows } }: JoinState, windowMs: number, endedMs = 0): ErrorWindow | undefined {
  const { watermark } = windows;
  if (!Number.isFinite(watermark)) return undefined;
  const { size, from, to } = spanOf(watermark, windowMs, endedMs);
  return merged(size, windows.range(size, from, to));
}
