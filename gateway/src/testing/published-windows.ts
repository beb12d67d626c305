import { CHAMPION, WINDOWS, type Bus } from "@streamgauge/core";
import {
  ErrorWindow,
  windowJson,
  writeWindowMessage,
  type SavedWindow,
  type WindowJson,
  type WindowMessage,
  type WindowSize,
} from "@streamgauge/core/windows";
import { labelOne } from "@streamgauge/testing";

/** What a window of a test holds. */
export interface TestWindow {
  readonly size: WindowSize;
  readonly start: number;
  /** Default: 1. */
  readonly revision?: number;
  /** y_pred − y_true of the rows that have a label. */
  readonly errors: readonly number[];
  /** Predictions without a label. */
  readonly unlabelled?: number;
  readonly model?: string;
  readonly finalAt?: number;
  readonly tenth?: number;
  /** Begins the ids of its rows, whose number follows. Default: they are not ranked. */
  readonly id?: string;
}

/** A window as metrics would send it; each label took two seconds. */
export function savedWindow({
  size,
  start,
  revision = 1,
  errors,
  unlabelled = 0,
  model = "m@1",
  finalAt = 0,
  tenth = 10,
  id,
}: TestWindow): SavedWindow {
  const made = new ErrorWindow(size, start);
  for (const [line, error] of errors.entries()) {
    made.predict(tenth, start);
    const named = id === undefined ? {} : { id: `${id}${line}`, line, eventTime: start };
    labelOne(made, { yTrue: 10, yPred: 10 + error, lagMs: 2_000, model, tenth, ...named });
  }
  for (let i = 0; i < unlabelled; i += 1) made.predict(tenth, start);
  made.revision = revision;
  made.finalAt = finalAt;
  return made.save();
}

/** Sends windows of the champion to a gateway, as metrics does. */
export function publishWindows(bus: Bus, windows: readonly TestWindow[], more: Partial<WindowMessage> = {}): Promise<void> {
  const message = { lane: CHAMPION, partition: CHAMPION, epoch: 1, watermark: Math.max(...windows.map(({ start }) => start)), alarms: [] };
  return bus.publish(WINDOWS, writeWindowMessage({ ...message, windows: windows.map(savedWindow), ...more }));
}

/** A window as GET /windows returns it, long after it was over. */
export function shownWindow(window: TestWindow): WindowJson {
  return windowJson(savedWindow(window), [], Date.UTC(2030, 0, 1));
}
