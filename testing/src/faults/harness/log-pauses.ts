import type { TestContext } from "vitest";
import type { Pipeline } from "./pipeline.js";

const EVERY_MS = 100;
/** A look that comes later than this says that the machine, and not the pipeline, stood still. */
const LATE_MS = 2_000;

/** How long the log of a pipeline stood still, at most, since this was begun. */
export class LogPauses {
  readonly #pipeline: Pipeline;
  readonly #timer: NodeJS.Timeout;
  #bytes = 0;
  #since = performance.now();
  #looked = performance.now();
  #longestMs = 0;

  constructor(context: TestContext, pipeline: Pipeline) {
    this.#pipeline = pipeline;
    this.#timer = setInterval(() => this.#look(), EVERY_MS);
    context.onTestFinished(() => clearInterval(this.#timer));
  }

  #look(): void {
    const now = performance.now();
    if (now - this.#looked > LATE_MS) this.#since += now - this.#looked;
    this.#looked = now;
    const bytes = this.#pipeline.logBytes;
    if (bytes === this.#bytes) return;
    const pausedMs = Math.round(now - this.#since);
    if (pausedMs > 1_000) this.#pipeline.transcript.note("case", `the log stood still for ${pausedMs} ms`);
    this.#longestMs = Math.max(this.#longestMs, pausedMs);
    this.#bytes = bytes;
    this.#since = now;
  }

  /** Ends it. Returns the longest pause in ms, that of now included. */
  stop(): number {
    clearInterval(this.#timer);
    return Math.max(this.#longestMs, Math.round(performance.now() - this.#since));
  }
}
