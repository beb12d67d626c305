import { setTimeout as delay } from "node:timers/promises";
import { BackOff, type Closable, type Logger, errorText } from "@streamgauge/core";
import { Counter, type Registry } from "prom-client";
import type { Scorer } from "../session/scorer.js";
import type { ActiveScorer } from "./active-scorer.js";
import type { ModelVersion } from "./model-versions.js";
import type { RowSample } from "./row-sample.js";

export interface ModelWatchOptions {
  /** The models that may score, the one that is wanted most first. */
  readonly versions: () => Promise<readonly ModelVersion[]>;
  /** The one that scores now. */
  readonly loaded: ModelVersion;
  /** Opens one of them so that it can take over. @throws Error that says in one line why it cannot be used. */
  readonly open: (version: ModelVersion, signal: AbortSignal) => Promise<OpenedScorer>;
  /** Told when another one scores. */
  readonly onChange: (label: string) => void;
  readonly active: ActiveScorer;
  readonly sample: RowSample;
  readonly lane: string;
  readonly log: Logger;
  readonly registry: Registry;
}

/** What was opened. */
export interface OpenedScorer {
  readonly scorer: Scorer;
  /** Resolves when it ended without having been asked to, with how; undefined if it cannot. */
  readonly died?: Promise<string>;
}

/** What came of a look for a newer model. */
export interface Reloaded {
  /** Whether the wanted version scores now. */
  readonly done: boolean;
  /** Name and version of what scores now. */
  readonly model: string;
  /** What was done, or why not, in one line. */
  readonly reason: string;
}

/** Pause between two looks. A file is opened when two looks in a row find it the same. */
const LOOK_MS = 150;
/** Who copies a large file, or over a slow link, may pause for so long. */
const STILL_MS = 1_000;
/** How long the sample may take. */
const SAMPLE_MS = 30_000;

/**
 * Watches where a model came from, and lets the next one take over while rows are scored. The next one is opened and
 * warmed in a process of its own and must answer the sample; one that cannot is reported once, and changes nothing.
 */
export class ModelWatch implements Closable {
  readonly #options: ModelWatchOptions;
  readonly #closing = new AbortController();
  readonly #swaps: Counter<"outcome">;
  #loaded: ModelVersion;
  /** Path and mark of versions that cannot be used. */
  #refused = new Map<string, string>();
  /** What the last look found, and since when it is as it is, by the steady clock. */
  #seen: { readonly version: ModelVersion; readonly since: number } | undefined;
  /** Looks and openings, one after another; never rejects. */
  #work: Promise<unknown> = Promise.resolve();
  readonly #looking: Promise<void>;

  constructor(options: ModelWatchOptions) {
    this.#options = options;
    this.#loaded = options.loaded;
    this.#swaps = new Counter({
      registers: [options.registry],
      name: "streamgauge_model_swaps_total",
      help: "Models that took over while rows were scored, and those that could not.",
      labelNames: ["outcome"],
    });
    // Prometheus sees no increase in a series that begins at 1.
    for (const outcome of ["done", "refused"]) this.#swaps.inc({ outcome }, 0);
    this.#looking = this.#look();
  }

  async #look(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
      await this.#inTurn(() => this.#lookOnce());
    }
  }

  /** Runs after what runs now. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#work.then(work);
    this.#work = result.catch(() => undefined);
    return result;
  }

  async #lookOnce(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const wanted = await this.#wanted();
    const before = this.#seen;
    const isStill = wanted !== undefined && before !== undefined && areSame(wanted, before.version);
    if (!isStill) this.#seen = wanted === undefined ? undefined : { version: wanted, since: performance.now() };
    // What has changed since the last look may still be written.
    if (!isStill || areSame(wanted, this.#loaded)) return;
    // One that cannot be used and was written a moment ago may be half of what it will be.
    await this.#takeOver(wanted, performance.now() - before.since > STILL_MS);
  }

  /** The version that should score: the first that was not found unusable as it is. */
  async #wanted(): Promise<ModelVersion | undefined> {
    const versions = await this.#options.versions();
    for (const path of this.#refused.keys()) if (!versions.some((version) => version.path === path)) this.#refused.delete(path);
    return versions.find(({ path, mark }) => this.#refused.get(path) !== mark);
  }

  /** Looks again now, also at what was found unusable, and says what came of it. */
  reload(): Promise<Reloaded> {
    return this.#inTurn(async () => {
      const { versions, active } = this.#options;
      this.#refused = new Map();
      const [wanted] = await versions();
      if (wanted === undefined) return { done: false, model: active.current.label, reason: "There is no model where it was." };
      return this.#takeOver(wanted, true);
    });
  }

  /** @param isSettled - whether it is found unusable for good if it cannot be used; otherwise it is looked at again. */
  async #takeOver(wanted: ModelVersion, isSettled: boolean): Promise<Reloaded> {
    const { active, lane, log } = this.#options;
    const before = active.current.label;
    const began = performance.now();
    let next: Scorer;
    try {
      next = await this.#openNext(wanted);
    } catch (error) {
      const reason = errorText(error);
      if (this.#closing.signal.aborted || !isSettled) return { done: false, model: before, reason };
      this.#refused.set(wanted.path, wanted.mark);
      this.#swaps.inc({ outcome: "refused" });
      log.warn(`Lane ${lane} stays with model ${before}: ${reason}`);
      return { done: false, model: before, reason };
    }
    this.#loaded = wanted;
    active.swap(next);
    this.#options.onChange(next.label);
    this.#swaps.inc({ outcome: "done" });
    const reason = `Model ${next.label} takes over lane ${lane} from ${before}, ${Math.round(performance.now() - began)} ms after it was found.`;
    log.info(reason);
    return { done: true, model: next.label, reason };
  }

  /** @throws Error that says in one line why the version cannot be used. */
  async #openNext(version: ModelVersion): Promise<Scorer> {
    const opened = await this.#options.open(version, this.#closing.signal);
    try {
      await this.#tryOut(opened.scorer, version.path);
    } catch (error) {
      await opened.scorer.close();
      throw error;
    }
    this.guard(opened);
    return opened.scorer;
  }

  /** Opens a model anew when it ends by itself while it scores. */
  guard({ scorer, died }: OpenedScorer): void {
    void died?.then((how) => {
      const { active } = this.#options;
      // At once: another model may be opened just now, and rows would fail meanwhile.
      if (active.current === scorer) active.suspend();
      return this.#inTurn(() => this.#replace(scorer, how));
    });
  }

  /** @throws Error */
  async #tryOut(scorer: Scorer, path: string): Promise<void> {
    const { sample } = this.#options;
    const misfit = sample.misfit(scorer.features);
    if (misfit !== undefined) throw new Error(`Model ${path}: ${misfit}.`);
    const rows = sample.for(scorer);
    if (rows === undefined) return;
    const { yPred } = await withTimeout(
      SAMPLE_MS,
      `Model ${path}: it did not answer ${rows.rows} rows`,
      scorer.score(rows.rows, rows.columns),
    );
    const odd = yPred.find((value) => !Number.isFinite(value));
    if (odd !== undefined) throw new Error(`Model ${path}: it answers ${odd} to a row that was just scored with a number.`);
    if (yPred.length !== rows.rows) throw new Error(`Model ${path}: it answers ${rows.rows} rows with ${yPred.length} numbers.`);
  }

  /** Opens the model anew whose process died. Until that works, rows wait. */
  async #replace(dead: Scorer, how: string): Promise<void> {
    const { active, log, lane } = this.#options;
    if (active.current !== dead) return;
    log.error(`The process of model ${dead.label} ended (${how}); rows of lane ${lane} wait until it is open again.`);
    const backOff = new BackOff(100, 5_000);
    while (!this.#closing.signal.aborted) {
      const wanted = await this.#wanted();
      if (wanted !== undefined && (await this.#takeOver(wanted, true)).done) return;
      this.#refused = new Map();
      await backOff.wait(this.#closing.signal);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#looking;
    await this.#work;
  }
}

function areSame(one: ModelVersion, other: ModelVersion): boolean {
  return one.path === other.path && one.mark === other.mark;
}

/** The result of `work`. @throws Error if it takes longer than `ms`. */
async function withTimeout<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} within ${ms / 1_000} s.`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
