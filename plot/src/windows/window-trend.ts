import { keptFrom, stateOf, windowPoint, WINDOW_SIZE_NAMES } from "@streamgauge/core/windows";
import type { WindowAlarm, WindowMessage, WindowPoint, WindowSize } from "@streamgauge/core/windows";

/** Windows in a picture at most: four hours of minutes, ten days of hours. */
const MOST_WINDOWS = 240;
/** Days in a picture at most: the latest. */
const MOST_DAYS = 366;
const MOST_ALARMS = 1_000;

/** Windows of one size side by side, ascending. */
export interface WindowSeries {
  readonly size: WindowSize;
  readonly windows: readonly WindowPoint[];
  /** Alarms that rows of these windows raised. */
  readonly alarms: readonly WindowAlarm[];
}

interface Known {
  readonly revision: number;
  readonly point: WindowPoint;
}

/** The windows of a partition as metrics sends them: the newest revision of each. */
export class WindowTrend {
  readonly #windows = new Map<WindowSize, Map<number, Known>>(WINDOW_SIZE_NAMES.map((size) => [size, new Map()]));
  /** By time, kind and model. */
  readonly #alarms = new Map<string, WindowAlarm>();
  #epoch = -Infinity;

  /** Takes windows in. @returns whether any is news. */
  take({ epoch, watermark, windows, alarms }: WindowMessage): boolean {
    if (epoch < this.#epoch) return false;
    // The state was made anew: what it does not have is gone.
    if (epoch > this.#epoch) this.#forget();
    this.#epoch = epoch;
    let isNews = false;
    for (const saved of windows) {
      const known = this.#of(saved.size);
      if ((known.get(saved.start)?.revision ?? -1) >= saved.revision) continue;
      known.set(saved.start, { revision: saved.revision, point: windowPoint(saved) });
      isNews = true;
    }
    for (const alarm of alarms) this.#note(alarm);
    if (isNews) this.#dropBefore(watermark);
    return isNews;
  }

  #of(size: WindowSize): Map<number, Known> {
    return this.#windows.get(size) ?? new Map<number, Known>();
  }

  #note(alarm: WindowAlarm): void {
    this.#alarms.set(`${alarm.row} ${alarm.kind} ${alarm.model}`, alarm);
    if (this.#alarms.size <= MOST_ALARMS) return;
    for (const oldest of this.#alarms.keys()) {
      this.#alarms.delete(oldest);
      return;
    }
  }

  #forget(): void {
    for (const known of this.#windows.values()) known.clear();
    this.#alarms.clear();
  }

  #dropBefore(watermark: number): void {
    for (const [size, known] of this.#windows) {
      const from = keptFrom(size, watermark);
      for (const start of known.keys()) if (start < from) known.delete(start);
    }
  }

  /** The windows to show: the smallest ones that show all rows and are not too many. */
  series(): WindowSeries {
    const all = WINDOW_SIZE_NAMES.map((size) => this.#sorted(size));
    const fits = (windows: readonly WindowPoint[], i: number): boolean => {
      const [first, last, larger] = [windows[0], windows.at(-1), all[i + 1]?.[0]];
      if (first === undefined || last === undefined) return false;
      return (larger === undefined || first.start < larger.end) && last.end - first.start <= MOST_WINDOWS * (first.end - first.start);
    };
    const found = all.findIndex(fits);
    const index = found < 0 ? all.length - 1 : found;
    const windows = (all[index] ?? []).slice(-MOST_DAYS);
    const [from, to] = [windows[0]?.start ?? Infinity, windows.at(-1)?.end ?? -Infinity];
    return {
      size: WINDOW_SIZE_NAMES[index] ?? "1d",
      windows,
      alarms: [...this.#alarms.values()].filter(({ time }) => time >= from && time < to),
    };
  }

  #sorted(size: WindowSize): WindowPoint[] {
    return Array.from(this.#of(size).values(), ({ point }) => point).sort((one, other) => one.start - other.start);
  }
}

/** When the first of the windows that are provisional at a time no longer is, if no row comes; ms since 1970. Infinity if none is. */
export function settledAt(windows: readonly WindowPoint[], now: number): number {
  let first = Infinity;
  for (const window of windows) {
    if (stateOf(window, now) !== "provisional") continue;
    const atEnd = stateOf(window, window.end) === "provisional" ? Math.max(window.end, window.finalAt) : window.end;
    first = Math.min(first, atEnd);
  }
  return first;
}

const SIZE_TEXTS = { "1m": "a minute", "1h": "an hour", "1d": "a day" } as const satisfies Record<WindowSize, string>;

/** The length of a window in words. */
export function sizeText(size: WindowSize): string {
  return SIZE_TEXTS[size];
}
