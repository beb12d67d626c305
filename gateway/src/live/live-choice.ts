import { lengthOf, type WindowJson } from "@streamgauge/core/windows";
import type { WindowFilter, WindowStore } from "../store/window-store.js";
import { EventLog, type Topic } from "./event-log.js";
import type { LiveLane } from "./live-lane.js";
import type { HealthEvent, WindowsEvent } from "@streamgauge/core/windows";
import { Pace, type Timed } from "./pace.js";
import type { Standing, Surroundings } from "./surroundings.js";
import type { Viewer } from "./viewer.js";

/** Which windows are watched. */
export interface Choice extends WindowFilter {
  /** How many of the latest windows, up to `to`; undefined: all from `from` on, as far as they are listed. */
  readonly last: number | undefined;
}

/** The time between looks at the windows of a choice, whether or not some have come: their state follows the clock. */
const LOOK_MS = 5_000;
/** The most of the time that one choice may take for its windows, and for their sum. */
const WINDOWS_SHARE = 0.01;
const SUMMARY_SHARE = 0.01;
/** The most of the time that sending to all viewers may take. */
const SEND_SHARE = 0.004;

/** The events of one choice of windows, computed once for all who watch it. */
export class LiveChoice {
  readonly choice: Choice;
  readonly log = new EventLog();
  readonly viewers = new Set<Viewer>();
  /** Since when nobody watches, ms of the monotonic clock. */
  idleSince: number | undefined;
  readonly #lane: LiveLane;
  readonly #store: WindowStore;
  readonly #most: number;
  readonly #windowsPace = new Pace(0, WINDOWS_SHARE);
  readonly #summaryPace = new Pace(1_000, SUMMARY_SHARE);
  readonly #sendPace = new Pace(0, SEND_SHARE);
  #filter: WindowFilter | undefined;
  /** JSON of each window by its start. */
  #windows: Map<string, string> | undefined;
  #said = new Map<string, string>();
  #changed = true;
  #summaryIsOld = true;
  #lookAt = 0;

  /** @param most - windows that are listed. */
  constructor(choice: Choice, lane: LiveLane, store: WindowStore, most: number) {
    this.choice = choice;
    this.#lane = lane;
    this.#store = store;
    this.#most = most;
  }

  /** Some of its windows have changed. */
  change(): void {
    this.#changed = true;
  }

  /** Appends events for what has changed. @param around - undefined until it is known. @param standing - of all lanes. @throws DatabaseAwayError */
  async refresh(around: Surroundings | undefined, standing: Standing): Promise<void> {
    if (around !== undefined) {
      const health: HealthEvent = { ...around.health, ...standing };
      this.#say("health", JSON.stringify(health));
      this.#say("dead_letters", JSON.stringify(around.dead_letters));
      this.#say("comparison", JSON.stringify(around.comparison));
    }
    const headline = this.#lane.headline();
    if (headline !== undefined) this.#say("headline", JSON.stringify(headline));
    this.#say("rows", JSON.stringify(this.#lane.rows()));
    if (this.#changed || performance.now() >= this.#lookAt) await this.#windowsPace.run((timed) => this.#refreshWindows(timed));
    if (this.#summaryIsOld && this.#filter !== undefined) await this.#summaryPace.run((timed) => this.#refreshSummary(timed));
  }

  /** Sends what is new to all who watch it: less often if they are many. @param choices - that share the time for it. */
  pump(choices: number): void {
    const began = performance.now();
    if (!this.#sendPace.isDue(began)) return;
    for (const viewer of this.viewers) viewer.pump();
    const ended = performance.now();
    this.#sendPace.ran(began, ended, (ended - began) * choices);
  }

  #say(topic: Exclude<Topic, "windows">, text: string): void {
    if (this.#said.get(topic) === text) return;
    this.#said.set(topic, text);
    this.log.put(topic, text);
  }

  async #refreshWindows(timed: Timed): Promise<void> {
    const changed = this.#changed;
    this.#changed = false;
    try {
      const filter = await this.#filterNow();
      const windows = await this.#store.list(filter, this.#most, Date.now(), timed);
      this.#filter = filter;
      timed(() => this.#take(filter, windows));
    } catch (error) {
      this.#changed = true;
      throw error;
    }
    this.#lookAt = performance.now() + LOOK_MS;
    this.#summaryIsOld ||= changed;
  }

  async #filterNow(): Promise<WindowFilter> {
    const { last, lane, size, from, to } = this.choice;
    if (last === undefined) return this.choice;
    const latest = await this.#store.latestStart(lane, size, to);
    if (latest === undefined) return this.choice;
    const end = latest + lengthOf(size);
    return { lane, size, from: Math.max(from, end - last * lengthOf(size)), to: Math.min(to, end) };
  }

  #take(filter: WindowFilter, windows: readonly WindowJson[]): void {
    const before = this.#windows;
    const now = new Map(windows.map((window) => [window.start, JSON.stringify(window)]));
    this.#windows = now;
    const changed = [...now].filter(([start, text]) => before?.get(start) !== text).map(([, text]) => text);
    // A window that left the range is dropped by its bound; any other that is gone is not.
    const gone = before === undefined || [...before.keys()].some((start) => !now.has(start) && Date.parse(start) >= filter.from);
    if (changed.length === 0 && !gone) return;
    // The end of the latest window is no bound of the choice.
    const bounds = { from: filter.from, to: this.choice.to };
    const whole = () => eventOf(bounds, true, [...now.values()]);
    this.log.put("windows", gone ? whole() : eventOf(bounds, false, changed), whole);
  }

  async #refreshSummary(timed: Timed): Promise<void> {
    if (this.#filter === undefined) return;
    this.#summaryIsOld = false;
    try {
      const summary = (await this.#store.summary(this.#filter, this.#most, timed)) ?? null;
      this.#say("summary", JSON.stringify({ summary }));
    } catch (error) {
      this.#summaryIsOld = true;
      throw error;
    }
  }
}

/** JSON of a `WindowsEvent`. @param windows - JSON of each. */
function eventOf({ from, to }: Pick<WindowFilter, "from" | "to">, complete: boolean, windows: readonly string[]): string {
  const head: Omit<WindowsEvent, "windows"> = { complete, from: finite(from), to: finite(to) };
  return `${JSON.stringify(head).slice(0, -1)},"windows":[${windows.join(",")}]}`;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
