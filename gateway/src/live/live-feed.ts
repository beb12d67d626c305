import {
  METRICS_EXCHANGE,
  readComparison,
  readNotice,
  type Bus,
  type Closable,
  type ComparisonNotice,
  type Delivery,
  type Logger,
  type MetricNotice,
  type Subscription,
} from "@streamgauge/core";
import type { WindowMessage } from "@streamgauge/core/windows";
import type { Writable } from "node:stream";
import { DatabaseAwayError } from "../store/database-away.js";
import type { WindowStore } from "../store/window-store.js";
import { LiveChoice, type Choice } from "./live-choice.js";
import { LiveLane } from "./live-lane.js";
import { Pace } from "./pace.js";
import type { Standing, Surroundings } from "./surroundings.js";
import { Viewer } from "./viewer.js";

/** Viewers, and choices of windows that are watched at the same time. */
const MOST_VIEWERS = 1_000;
const MOST_CHOICES = 64;
/** Windows of one choice, as of any answer: three months of hours, or a day of minutes, and more. */
export const MOST_WINDOWS = 5_000;
/** Lanes whose latest rows are kept. */
const MOST_LANES = 64;
/** How long the events of a choice are kept when nobody watches it any more, for a viewer that comes back. */
const IDLE_MS = 30_000;
const TICK_MS = 1_000;
const AROUND_MS = 3_000;
const BEAT_MS = 15_000;
/** The most of the time that a lane may take for its headline, and the surroundings for theirs. */
const SHARE = 0.015;

/** No more viewers are taken. */
export class TooManyViewersError extends Error {
  override readonly name = "TooManyViewersError";

  constructor() {
    super("Too many watch at the same time: close a page that nobody looks at.");
  }
}

export interface LiveFeedOptions {
  readonly bus: Bus;
  readonly log: Logger;
  readonly windows: WindowStore;
  /** How everything around the lanes is. */
  readonly surroundings: () => Promise<Surroundings>;
  /** Called with what metrics broadcasts, and with comparisons of lanes. */
  readonly onNotice: (notice: MetricNotice) => void;
  readonly onComparison: (notice: ComparisonNotice) => void;
}

interface WatchedLane {
  readonly live: LiveLane;
  readonly pace: Pace;
}

/**
 * Tells viewers how wrong the predictions are, as it changes. Everything is computed once, however many watch it, and nothing while no one
 * does.
 */
export class LiveFeed implements Closable {
  readonly #options: LiveFeedOptions;
  readonly #lanes = new Map<string, WatchedLane>();
  readonly #choices = new Map<string, LiveChoice>();
  readonly #aroundPace = new Pace(AROUND_MS, SHARE);
  #around: Surroundings | undefined;
  #subscription: Subscription | undefined;
  #timer: NodeJS.Timeout | undefined;
  #beatAt = 0;
  #closed = false;
  readonly #running = new Map<object, Promise<void>>();

  constructor(options: LiveFeedOptions) {
    this.#options = options;
  }

  /** Listens to what metrics broadcasts. */
  async start(): Promise<void> {
    this.#subscription = await this.#options.bus.subscribe(METRICS_EXCHANGE, "gateway-live", (delivery) => this.#onNotice(delivery));
  }

  /** Windows were stored. */
  onWindows({ lane, windows }: WindowMessage): void {
    for (const live of this.#choices.values()) {
      const { choice } = live;
      if (choice.lane === lane && windows.some(({ size }) => size === choice.size)) live.change();
    }
  }

  /**
   * @param lastEventId - of the event that the viewer saw last. @param open - called for where the events are written to, unless there are too many viewers.
   * @throws TooManyViewersError
   */
  watch(choice: Choice, lastEventId: string | undefined, open: () => Writable): void {
    const live = this.#choiceOf(choice);
    const viewer = new Viewer(live.log, lastEventId, open(), (gone) => {
      live.viewers.delete(gone);
      if (live.viewers.size === 0) live.idleSince = performance.now();
    });
    live.idleSince = undefined;
    live.viewers.add(viewer);
    if (this.#closed) viewer.end();
    else this.#run();
  }

  #choiceOf(choice: Choice): LiveChoice {
    const viewers = [...this.#choices.values()].reduce((sum, live) => sum + live.viewers.size, 0);
    if (viewers >= MOST_VIEWERS) throw new TooManyViewersError();
    const key = JSON.stringify([choice.lane, choice.size, choice.last, String(choice.from), String(choice.to)]);
    let live = this.#choices.get(key);
    if (live !== undefined) return live;
    if (this.#choices.size >= MOST_CHOICES) this.#forgetIdle(-Infinity);
    if (this.#choices.size >= MOST_CHOICES) throw new TooManyViewersError();
    const { windows } = this.#options;
    live = new LiveChoice(choice, this.#laneOf(choice.lane).live, windows, MOST_WINDOWS);
    this.#choices.set(key, live);
    return live;
  }

  #laneOf(lane: string): WatchedLane {
    let watched = this.#lanes.get(lane);
    if (watched !== undefined) return watched;
    const watchedNow = new Set([...this.#choices.values()].map(({ choice }) => choice.lane));
    const unwatched = [...this.#lanes.keys()].find((name) => !watchedNow.has(name));
    if (this.#lanes.size >= MOST_LANES && unwatched !== undefined) this.#lanes.delete(unwatched);
    watched = { live: new LiveLane(lane, this.#options.windows), pace: new Pace(TICK_MS, SHARE) };
    this.#lanes.set(lane, watched);
    return watched;
  }

  #onNotice(delivery: Delivery): void {
    const comparison = readComparison(delivery);
    if (comparison !== undefined) return this.#options.onComparison(comparison);
    const notice = readNotice(delivery);
    if (notice === undefined || notice.lane.length > 128) return;
    this.#options.onNotice(notice);
    this.#laneOf(notice.lane).live.onNotice(notice);
  }

  #run(): void {
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
    this.#tick();
  }

  #tick(): void {
    const now = performance.now();
    this.#forgetIdle(now - IDLE_MS);
    if (this.#choices.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    this.#beat(now);
    this.#alone(this.#aroundPace, () => this.#lookAround());
    for (const live of this.#choices.values()) {
      if (live.viewers.size === 0) continue;
      const watched = this.#laneOf(live.choice.lane);
      this.#alone(watched.live, () => watched.live.count());
      this.#alone(watched, () => watched.pace.run((timed) => watched.live.refresh(timed)));
      this.#alone(live, async () => {
        try {
          await live.refresh(this.#around, this.#standing());
        } finally {
          live.pump(this.#choices.size);
        }
      });
    }
  }

  #beat(now: number): void {
    if (now < this.#beatAt) return;
    this.#beatAt = now + BEAT_MS;
    for (const { viewers } of this.#choices.values()) for (const viewer of viewers) viewer.beat();
  }

  #standing(): Standing {
    const lanes = Array.from(this.#lanes.values(), ({ live }) => live.standing());
    return { alarms: lanes.flatMap(({ alarms }) => alarms), alerts: lanes.flatMap(({ alerts }) => alerts) };
  }

  #lookAround(): Promise<void> {
    return this.#aroundPace.run(async () => {
      this.#around = await this.#options.surroundings();
    });
  }

  /** Runs `work` unless it runs already. A database that is away is no error here: the health says so. */
  #alone(key: object, work: () => Promise<void>): void {
    if (this.#running.has(key) || this.#closed) return;
    const running = work()
      .catch((error: unknown) => {
        if (!this.#closed && !(error instanceof DatabaseAwayError)) this.#options.log.error(error, "The live page could not be refreshed.");
      })
      .finally(() => this.#running.delete(key));
    this.#running.set(key, running);
  }

  /** Forgets choices that nobody has watched since. @param since - ms of the monotonic clock; -Infinity: that nobody watches now. */
  #forgetIdle(since: number): void {
    for (const [key, live] of this.#choices) {
      if (live.idleSince !== undefined && (since === -Infinity || live.idleSince < since)) this.#choices.delete(key);
    }
  }

  /** Ends all answers: browsers connect again by themselves. */
  end(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    for (const { viewers } of this.#choices.values()) for (const viewer of viewers) viewer.end();
  }

  /** Resolves when nothing uses the database any more. */
  async close(): Promise<void> {
    this.end();
    await this.#subscription?.close();
    await Promise.all(this.#running.values());
  }
}
