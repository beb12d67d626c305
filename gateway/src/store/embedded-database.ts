import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { Deferred } from "@streamgauge/core";
import type { Answer, Failure, Question } from "./pglite-messages.js";

/** The compiled thread; the same path from `src` and `dist`. */
const THREAD = fileURLToPath(new URL("../../dist/store/pglite-thread.js", import.meta.url));

/** A query failed in the thread. */
export class EmbeddedQueryError extends Error {
  override readonly name = "EmbeddedQueryError";
  /** SQLSTATE, or a Node error code. */
  readonly code: string | undefined;

  constructor({ message, code }: Failure) {
    super(message);
    this.code = code;
  }
}

/** PostgreSQL inside the process, in its own thread: opening its data takes seconds and must not block the event loop. */
export class EmbeddedDatabase {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Deferred<Answer>>();
  /** Resolves when it accepts queries. */
  readonly opened: Promise<void>;
  #number = 0;
  #isOpen = false;
  #ended = false;

  /** @param folder - its data; created if missing. */
  constructor(folder: string) {
    const ready = new Deferred<Answer>();
    this.#waiting.set(0, ready);
    this.opened = ready.promise.then(() => {
      this.#isOpen = true;
    });
    // Each query reports this failure.
    this.opened.catch(() => undefined);
    this.#worker = new Worker(THREAD, { workerData: folder });
    this.#worker.on("message", (answer: Answer) => this.#receive(answer));
    this.#worker.on("error", (error) => this.#rejectAll(error));
    this.#worker.on("exit", () => this.#rejectAll(new Error("PGlite is closed")));
  }

  #receive(answer: Answer): void {
    const waiting = this.#waiting.get(answer.number);
    this.#waiting.delete(answer.number);
    if (answer.failure === undefined) waiting?.resolve(answer);
    else waiting?.reject(new EmbeddedQueryError(answer.failure));
  }

  #rejectAll(error: unknown): void {
    const reason = error instanceof Error ? error : new Error(String(error));
    this.#ended = true;
    for (const waiting of this.#waiting.values()) waiting.reject(reason);
    this.#waiting.clear();
  }

  #ask(question: (number: number) => Question): Promise<Answer> {
    if (this.#ended) return Promise.reject(new Error("PGlite is closed"));
    const number = ++this.#number;
    const waiting = new Deferred<Answer>();
    this.#waiting.set(number, waiting);
    this.#worker.postMessage(question(number));
    return waiting.promise;
  }

  /** Runs one query. @throws EmbeddedQueryError */
  query(sql: string, parameters: readonly unknown[]): Promise<Answer> {
    return this.#ask((number) => ({ number, sql, parameters }));
  }

  /** Closes it. An unfinished opening is abandoned, and leaves nothing behind. */
  async close(): Promise<void> {
    if (this.#isOpen) await this.#ask((number) => ({ number, close: true })).catch(() => undefined);
    this.#isOpen = false;
    await this.#worker.terminate();
  }
}
