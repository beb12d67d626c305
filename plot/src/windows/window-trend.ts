import { keptFrom, mergedWindow, stateOf, windowPoint, WINDOW_SIZE_NAMES, withoutCells } from "@streamgauge/core/windows";
import type { SavedWindow, WindowAlarm, WindowMessage, WindowPoint, WindowSize } from "@streamgauge/core/windows";

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
  /** What merges with those of other partitions; undefined if there are none. */
  readonly part: SavedWindow | undefined;
}

/** The windows of a lane as the metrics of its partitions send them: the newest revision of each. */
export class WindowTrend {
  readonly #parts = new Map<string, PartitionTrend>();
  readonly #isDivided: boolean;

  /** @param partitions - of the lane. */
  constructor(partitions = 1) {
    this.#isDivided = partitions > 1;
  }

  /** Takes windows of a partition in. @returns whether any is news. */
  take(message: WindowMessage): boolean {
    let part = this.#parts.get(message.partition);
    if (part === undefined) this.#parts.set(message.partition, (part = new PartitionTrend(this.#isDivided)));
    return part.take(message);
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
      alarms: [...this.#parts.values()].flatMap(({ alarms }) => [...alarms]).filter(({ time }) => time >= from && time < to),
    };
  }

  #sorted(size: WindowSize): WindowPoint[] {
    const byStart = new Map<number, Known[]>();
    for (const part of this.#parts.values())
      for (const [start, known] of part.of(size)) byStart.set(start, [...(byStart.get(start) ?? []), known]);
    return Array.from(byStart.values(), pointOf).sort((one, other) => one.start - other.start);
  }
}

/** The parts of a window as one point. */
function pointOf(known: readonly Known[]): WindowPoint {
  const parts = known.flatMap(({ part }) => part ?? []);
  const [first] = parts;
  const [only] = known;
  if (only !== undefined && (known.length === 1 || first === undefined)) return only.point;
  if (first === undefined) throw new RangeError("A window without parts.");
  return windowPoint(mergedWindow(first, parts));
}

/** The windows of a partition. */
class PartitionTrend {
  readonly #windows = new Map<WindowSize, Map<number, Known>>(WINDOW_SIZE_NAMES.map((size) => [size, new Map()]));
  /** By time, kind and model. */
  readonly #alarms = new Map<string, WindowAlarm>();
  readonly #keepsParts: boolean;
  #epoch = -Infinity;

  constructor(keepsParts: boolean) {
    this.#keepsParts = keepsParts;
  }

  take({ epoch, watermark, windows, alarms }: WindowMessage): boolean {
    if (epoch < this.#epoch) return false;
    // The state was made anew: what it does not have is gone.
    if (epoch > this.#epoch) this.#forget();
    this.#epoch = epoch;
    let isNews = false;
    for (const saved of windows) {
      const known = this.of(saved.size);
      if ((known.get(saved.start)?.revision ?? -1) >= saved.revision) continue;
      const part = this.#keepsParts ? withoutCells(saved) : undefined;
      known.set(saved.start, { revision: saved.revision, point: windowPoint(saved), part });
      isNews = true;
    }
    for (const alarm of alarms) this.#note(alarm);
    if (isNews) this.#dropBefore(watermark);
    return isNews;
  }

  of(size: WindowSize): Map<number, Known> {
    return this.#windows.get(size) ?? new Map<number, Known>();
  }

  get alarms(): Iterable<WindowAlarm> {
    return this.#alarms.values();
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
