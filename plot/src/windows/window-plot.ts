import { WINDOW_REQUESTS_EXCHANGE, WINDOWS, LanePartition, type Bus, type Closable } from "@streamgauge/core";
import { readWindowMessage, windowRequest } from "@streamgauge/core/windows";
import { RedrawSchedule } from "../redraw-schedule.js";
import { pictureExists, writePicture } from "../write-picture.js";
import { drawErrorOverTime, type TrendSummary } from "./error-over-time-picture.js";
import { settledAt, WindowTrend } from "./window-trend.js";

export interface WindowPlotOptions {
  readonly bus: Bus;
  readonly lane: string;
  /** Of the lane. */
  readonly partitions: number;
  /** Of the picture. */
  readonly path: string;
  /** The share of the time that drawing takes at most. */
  readonly share: number;
  /** Model and unit of the latest row. */
  readonly named: () => Omit<TrendSummary, "time">;
  /** Times a drawing. */
  readonly timed: (draw: () => Promise<void>) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/**
 * Keeps the picture of a lane's windows up to date until closed. Metrics sends windows when they change; all of them are asked for at the
 * start, and after a lost link. Until some come, a picture from before stays.
 */
export async function startWindowPlot({ bus, lane, partitions, path, share, named, timed, onError }: WindowPlotOptions): Promise<Closable> {
  const trend = new WindowTrend(partitions);
  const names = new Set(LanePartition.all(lane, partitions).map(({ name }) => name));
  let hasNews = false;
  let settles = Infinity;
  let hasWaited = false;

  /** Whether there is nothing to draw yet: metrics has not answered, or a picture from before stays. */
  const hasNothing = async (windows: readonly unknown[]): Promise<boolean> => {
    if (windows.length > 0) return false;
    const isWaiting = !hasWaited;
    hasWaited = true;
    // Looked at again at the next turn: to say at once that there are no windows would delay the first ones.
    settles = isWaiting ? 0 : Infinity;
    return isWaiting || pictureExists(path);
  };
  const draw = async () => {
    const series = trend.series();
    if (await hasNothing(series.windows)) return;
    const time = new Date();
    await timed(() => writePicture(path, drawErrorOverTime(series, { ...named(), time })));
    settles = settledAt(series.windows, time.getTime());
  };
  const update = async () => {
    const changed = hasNews || Date.now() >= settles;
    hasNews = false;
    return { changed, caughtUp: true };
  };
  const schedule = new RedrawSchedule({ update, pictures: [draw], share, onError });
  schedule.start();

  const ask = () => bus.broadcast(WINDOW_REQUESTS_EXCHANGE, windowRequest());
  const onWindows = (message: ReturnType<typeof readWindowMessage>) => {
    if (!names.has(message.partition) || !trend.take(message)) return;
    hasNews = true;
    schedule.notice();
  };
  const windows = await bus.subscribe(WINDOWS.exchange, `plot.${lane}`, (delivery) => onWindows(readWindowMessage(delivery)), {
    onGap: ask,
  });
  ask();
  return {
    close: async () => {
      await windows.close();
      await schedule.close();
    },
  };
}
