import { SIDES, type Side } from "../state/half-table.js";

/** When something last came, and how many dead letters there were. */
export interface SavedActivity {
  readonly received: Readonly<Record<Side, number>>;
  /** When rows of each side last came, ms since 1970; null: never. */
  readonly lastAt: Readonly<Record<Side, number | null>>;
  readonly deadLetters: readonly ({ readonly rule: string } & SavedDeadLetters)[];
  readonly alarms: readonly SeenAlarm[];
}

/** Up to which row of the log of a partition the alarms of a rule were seen. */
export interface SeenAlarm {
  readonly rule: string;
  /** From 1; undefined: the first one. */
  readonly partition?: number;
  readonly row: number;
}

/** What a rule knows of dead letters. */
interface SavedDeadLetters {
  /** How many there were at the last look; an earlier version saved their number as `messages` alone. */
  readonly depth?: number;
  /** How many came since the rule was first looked at: those that were sent again or removed stay counted. */
  readonly total?: number;
  /** Oldest first. */
  readonly samples: readonly DeadLetterSample[];
}

/** How many messages had become dead letters at a time, ms since 1970. */
export interface DeadLetterSample {
  readonly at: number;
  readonly messages: number;
}

/** Samples of a window: its length is known to within this share. */
const SAMPLES = 30;

/** Remembers what the figures of one moment do not say. Saved with the commit. */
export class Activity {
  #received: Record<Side, number>;
  readonly #lastAt: Record<Side, number | null>;
  readonly #deadLetters = new Map<string, SavedDeadLetters>();
  /** By rule and partition. */
  readonly #alarms = new Map<string, SeenAlarm>();

  constructor(saved: SavedActivity | undefined) {
    this.#received = { ...(saved?.received ?? { y_true: 0, y_pred: 0 }) };
    this.#lastAt = { ...(saved?.lastAt ?? { y_true: null, y_pred: null }) };
    for (const { rule, ...known } of saved?.deadLetters ?? []) this.#deadLetters.set(rule, known);
    for (const seen of saved?.alarms ?? []) this.#see(seen);
  }

  /** Notes what came in since the last call. @param received - rows of each side so far. @returns whether anything did. */
  note(received: Readonly<Record<Side, number>>, now: number): boolean {
    const changed = SIDES.filter((side) => received[side] !== this.#received[side]);
    for (const side of changed) this.#lastAt[side] = now;
    this.#received = { ...received };
    return changed.length > 0;
  }

  /** When rows of a side last came, ms since 1970; undefined: never. */
  lastAt(side: Side): number | undefined {
    return this.#lastAt[side] ?? undefined;
  }

  /**
   * How many messages became dead letters in the last `windowMs`, as far as their number says: some that were sent again just before may come back unseen.
   *
   * @param rule - each has samples of its own, as far apart as its window allows. @param depth - how many there are.
   */
  deadLetterGrowth(rule: string, depth: number, windowMs: number, now: number): number {
    const known = this.#deadLetters.get(rule) ?? { depth, samples: [] };
    const before = known.samples.at(-1)?.messages ?? 0;
    const total = (known.total ?? before) + Math.max(0, depth - (known.depth ?? before));
    const samples = known.samples.filter(({ at }) => at <= now);
    const latest = samples.at(-1);
    const kept = latest === undefined || now - latest.at >= windowMs / SAMPLES ? [...samples, { at: now, messages: total }] : samples;
    // One sample from before the window is its beginning.
    const begin = Math.max(
      0,
      kept.findLastIndex(({ at }) => at <= now - windowMs),
    );
    this.#deadLetters.set(rule, { depth, total, samples: kept.slice(begin) });
    return total - (kept[begin]?.messages ?? total);
  }

  /**
   * Whether an alarm was raised since the rule was looked at before: at full speed one may be on and over between two looks.
   *
   * @param raisedAtRow - the row of the partition's log that raised the last one; 0 if there was none. @param partition - from 1.
   */
  isNewAlarm(rule: string, raisedAtRow: number, partition = 1): boolean {
    const seen = this.#alarms.get(alarmKey({ rule, partition }))?.row;
    this.#see({ rule, partition, row: Math.max(seen ?? 0, raisedAtRow) });
    return seen !== undefined && raisedAtRow > seen;
  }

  #see(seen: SeenAlarm): void {
    this.#alarms.set(alarmKey(seen), seen);
  }

  /** Forgets rules that are no more. */
  keep(rules: readonly string[]): void {
    for (const [key, { rule }] of this.#alarms) if (!rules.includes(rule)) this.#alarms.delete(key);
    for (const rule of this.#deadLetters.keys()) if (!rules.includes(rule)) this.#deadLetters.delete(rule);
  }

  save(): SavedActivity {
    return {
      received: this.#received,
      lastAt: { ...this.#lastAt },
      deadLetters: Array.from(this.#deadLetters, ([rule, known]) => ({ rule, ...known })),
      alarms: Array.from(this.#alarms.values(), ({ rule, partition = 1, row }) => ({
        rule,
        ...(partition === 1 ? {} : { partition }),
        row,
      })),
    };
  }
}

function alarmKey({ rule, partition = 1 }: Pick<SeenAlarm, "rule" | "partition">): string {
  return `${partition} ${rule}`;
}
