import { BackOff, errorText } from "@streamgauge/core";
import { ScoringError, type Blame } from "../session/scorer.js";
import { wordsOf } from "./inference-protocol.js";
import type { ModelUrl } from "./model-url.js";

export interface ModelServerOptions {
  /** For one try of one call, in ms. */
  readonly timeLimitMs: number;
  /** The first and the longest wait between tries, in ms; both are ceilings of a wait that is drawn. */
  readonly backOffMs: readonly [number, number];
  /** How long a call waits for a server that is away or not ready, in ms. */
  readonly patienceMs: number;
  /** Logs when the server is away, and when it is back. */
  readonly onChange: (isThere: boolean, words: string) => void;
}

/** How often a call is tried while the server is ready; then its rows are taken to be the cause. */
const MAX_TRIES = 10;
/** A try that takes too long costs so much more than one that is refused. */
const MAX_SLOW_TRIES = 3;
/** Of one answer, beside what its rows need: some forty numbers each. */
const MAX_ANSWER_BYTES = 1 << 20;
const MAX_ROW_BYTES = 1_024;
/** What is wrong with the rows, and not with the call. */
const ROWS_REFUSED = new Set([400, 413, 422]);

/** One try that did not succeed. */
class TryError extends Error {
  readonly status: number | undefined;
  readonly isSlow: boolean;

  constructor(message: string, status: number | undefined, isSlow: boolean, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
    this.isSlow = isSlow;
  }

  /** The request is wrong, so another try would fail too. */
  get isRefusal(): boolean {
    return this.status !== undefined && this.status >= 300 && this.status < 500;
  }
}

/**
 * Speaks HTTP with a model server. A try that fails with 5xx, takes too long, or is not answered is made again after a
 * while, and counts only if the server says that it is ready: while it is away, calls wait for it.
 */
export class ModelServer {
  readonly #url: ModelUrl;
  readonly #options: ModelServerOptions;
  readonly #closing = new AbortController();
  #isThere = true;

  constructor(url: ModelUrl, options: ModelServerOptions) {
    this.#url = url;
    this.#options = options;
  }

  /** What the server says of the model. @throws Error with the server's words, after one try. */
  metadata(): Promise<string> {
    return this.#try("", undefined, 0);
  }

  /** Whether the model can be used now, in the server's words if it cannot. */
  async readiness(): Promise<{ readonly ready: boolean; readonly words: string }> {
    try {
      const text = await this.#try("/ready", undefined, 0);
      return { ready: !/"ready"\s*:\s*false/.test(text), words: wordsOf(text) };
    } catch (error) {
      return { ready: false, words: errorText(error) };
    }
  }

  /**
   * The answer to rows.
   *
   * @throws ScoringError with the server's words.
   */
  async infer(body: string, rows: number): Promise<string> {
    const backOff = new BackOff(...this.#options.backOffMs);
    const giveUpAt = performance.now() + this.#options.patienceMs;
    let tries = 0;
    let slow = 0;
    for (;;) {
      try {
        const answer = await this.#try("/infer", body, rows);
        this.#log(true, "");
        return answer;
      } catch (error) {
        if (!(error instanceof TryError)) throw error;
        const { message: words, status, isRefusal, isSlow } = error;
        if (this.#closing.signal.aborted) throw failure("the service ends", false, "model", error);
        if (isRefusal) throw failure(words, true, status !== undefined && ROWS_REFUSED.has(status) ? "rows" : "model", error);
        const { ready } = await this.readiness();
        if (ready) {
          this.#log(true, "");
          tries += 1;
          slow += isSlow ? 1 : 0;
          if (tries >= MAX_TRIES || slow >= MAX_SLOW_TRIES) throw failure(`${words}; tried ${tries} times`, true, "unknown", error);
        } else {
          this.#log(false, words);
          if (performance.now() > giveUpAt) throw failure(`${words}; the server has been away for too long`, false, "model", error);
        }
        await backOff.wait(this.#closing.signal);
      }
    }
  }

  #log(isThere: boolean, words: string): void {
    if (isThere === this.#isThere) return;
    this.#isThere = isThere;
    this.#options.onChange(isThere, words);
  }

  /** @throws TryError */
  async #try(path: string, body: string | undefined, rows: number): Promise<string> {
    const { timeLimitMs } = this.#options;
    const limit = AbortSignal.timeout(timeLimitMs);
    try {
      const response = await fetch(`${this.#url.base}${path}`, {
        method: body === undefined ? "GET" : "POST",
        headers: {
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(this.#url.authorization === undefined ? {} : { authorization: this.#url.authorization }),
        },
        ...(body === undefined ? {} : { body }),
        // Rows are sent only to the configured server, so redirects are not followed.
        redirect: "manual",
        signal: AbortSignal.any([limit, this.#closing.signal]),
      });
      const text = await textOf(response, MAX_ANSWER_BYTES + rows * MAX_ROW_BYTES);
      if (response.ok) return text;
      const words = redirection(response) ?? wordsOf(text);
      throw new TryError(`the server answers ${response.status}${quoted(words)}`, response.status, false);
    } catch (error) {
      if (error instanceof TryError) throw error;
      if (limit.aborted) throw new TryError(`the server did not answer within ${timeLimitMs / 1000} s`, undefined, true, error);
      throw new TryError(`the server cannot be reached${quoted(reasonOf(error))}`, undefined, false, error);
    }
  }

  /** Calls in progress fail, and go back to their queue. */
  close(): void {
    this.#closing.abort();
  }
}

function failure(words: string, forGood: boolean, blame: Blame, cause: unknown): ScoringError {
  return new ScoringError(words, { forGood, blame, cause });
}

/** Where a server would have rows go instead, and what to do. */
function redirection({ headers }: Response): string | undefined {
  const location = headers.get("location");
  return location === null ? undefined : `the model is at ${location.slice(0, 200)}: change MODEL_URL if rows may go there`;
}

function quoted(words: string): string {
  return words === "" ? "" : `: ${words}`;
}

/** What is behind "fetch failed". */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  // Several addresses that all refuse make an error without words.
  return cause.message === "" && "code" in cause ? String(cause.code) : cause.message;
}

/** @throws TryError if it is longer than that. */
async function textOf(response: Response, most: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > most) throw new TryError(`the server's answer is longer than ${most} bytes`, undefined, false);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
