import { joinQueuesOf, queuesOf } from "@streamgauge/core";
import type { Backlog } from "@streamgauge/core/windows";

/** How long an arrival says how far behind a service is, in ms. */
const FRESH_MS = 10_000;
/** From when on a service is said to take nothing, in ms. */
const STILL_MS = 10_000;

type Service = Backlog["service"];

interface Watched {
  readonly service: Service;
  /** Its queues. */
  readonly queues: readonly string[];
  arrivals: readonly { readonly at: number; readonly lagMs: number }[];
  waiting: number;
  /** Since when messages wait and none is taken. */
  stillSince: number | undefined;
}

/** How far behind the source the services of a lane are. */
export class Backlogs {
  readonly #watched: readonly Watched[];

  constructor(lane: string, partitions: number) {
    this.#watched = [watched("model", [queuesOf(lane).features]), watched("metrics", joinQueuesOf(lane, partitions))];
  }

  /** Results of a service came. @param at - now, in ms. @param lagMs - since their rows left the source. */
  arrived(service: Service, at: number, lagMs: number): void {
    const of = this.#watched.find((each) => each.service === service);
    if (of === undefined) return;
    const latest = of.arrivals.at(-1);
    // One a second is enough, the best: a message that is sent again after days is not behind.
    if (latest === undefined || at - latest.at >= 1_000) of.arrivals = [...of.arrivals.filter((each) => isFresh(each, at)), { at, lagMs }];
    else if (lagMs < latest.lagMs) of.arrivals = [...of.arrivals.slice(0, -1), { at: latest.at, lagMs }];
    of.stillSince = undefined;
  }

  /** @param depths - messages that wait in each queue; without those of this lane if the broker is away. @param at - now, in ms. */
  observe(depths: Readonly<Record<string, number>>, at: number): Backlog[] {
    return this.#watched.map((of) => {
      const waiting = of.queues.reduce((sum, queue) => sum + (depths[queue] ?? 0), 0);
      if (waiting === 0 || waiting < of.waiting) of.stillSince = undefined;
      else of.stillSince ??= at;
      of.waiting = waiting;
      return { service: of.service, waiting, behind_s: behind(of, at), still_s: still(of, at) };
    });
  }
}

function watched(service: Service, queues: readonly string[]): Watched {
  return { service, queues, arrivals: [], waiting: 0, stillSince: undefined };
}

function isFresh({ at }: { readonly at: number }, now: number): boolean {
  return now - at <= FRESH_MS;
}

function behind({ arrivals }: Watched, now: number): number | null {
  const fresh = arrivals.filter((each) => isFresh(each, now));
  return fresh.length === 0 ? null : Math.max(0, Math.min(...fresh.map(({ lagMs }) => lagMs))) / 1_000;
}

function still({ stillSince }: Watched, now: number): number | null {
  return stillSince === undefined || now - stillSince < STILL_MS ? null : (now - stillSince) / 1_000;
}
