import { createHash } from "node:crypto";
import { DeliveryError } from "./receiver.js";

/** An answer that concerns the message and not the receiver. */
const REFUSALS = new Set([400, 413, 415, 422]);
/** The longest pause that a receiver may ask for. */
const MAX_RETRY_AFTER_MS = 60 * 60 * 1000;

/** What to do about an answer, by its status. */
const REMEDIES: Readonly<Record<number, string>> = {
  401: "check the user and password, or the token, in its URL",
  403: "check the user and password, or the token, in its URL",
  404: "check the path of its URL",
  410: "its URL is no longer valid: make a new one",
  413: "it takes no message of that size",
  429: "it asks for fewer messages: lower ALERTS_PER_HOUR",
};

/** A URL that alerts are posted to. User and password in it are sent as HTTP basic authentication. */
export class HttpTarget {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #timeoutMs: number;
  readonly host: string;
  /** Known by this between two starts. */
  readonly id: string;

  constructor(given: string, timeoutMs: number) {
    const url = new URL(given);
    const { username, password } = url;
    this.id = createHash("sha256").update(given).digest("hex").slice(0, 12);
    this.host = url.host;
    this.#timeoutMs = timeoutMs;
    this.#headers =
      username === "" && password === ""
        ? {}
        : { authorization: `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64")}` };
    url.username = "";
    url.password = "";
    this.#url = url.href;
  }

  /**
   * Posts JSON. Resolves if the answer is 2xx. Redirects are not followed: what is signed for one address is not sent to another.
   *
   * @throws DeliveryError
   */
  async post(body: string, signal: AbortSignal, headers: Readonly<Record<string, string>> = {}): Promise<void> {
    const attempt = new AbortController();
    const giveUp = () => attempt.abort();
    signal.addEventListener("abort", giveUp, { once: true });
    const timer = setTimeout(giveUp, this.#timeoutMs);
    try {
      const response = await fetch(this.#url, {
        method: "POST",
        body,
        redirect: "manual",
        signal: attempt.signal,
        headers: { "content-type": "application/json", "user-agent": "streamgauge", ...this.#headers, ...headers },
      });
      // What it says is not read: it may be endless.
      await response.body?.cancel();
      requireSuccess(response);
    } catch (error) {
      if (error instanceof DeliveryError) throw error;
      throw new DeliveryError(
        attempt.signal.aborted ? `does not answer within ${this.#timeoutMs} ms` : `cannot be reached (${codeOf(error)})`,
      );
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
    }
  }
}

function requireSuccess({ ok, status, headers }: Response): void {
  if (ok) return;
  if (status >= 300 && status < 400) throw new DeliveryError(`answers ${status}, a redirect: set its URL to where that leads`);
  const remedy = REMEDIES[status];
  throw new DeliveryError(`answers ${status}${remedy === undefined ? "" : `: ${remedy}`}`, {
    refusesMessage: REFUSALS.has(status),
    retryAfterMs: retryAfterOf(headers.get("retry-after")),
  });
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function retryAfterOf(header: string | null): number {
  if (header === null) return 0;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS) : 0;
}

/** The code alone: what a message says could have the URL in it. */
function codeOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  const { code }: { code?: unknown } = Object(cause);
  if (typeof code === "string") return code;
  return cause instanceof Error ? cause.name : "no reason given";
}
