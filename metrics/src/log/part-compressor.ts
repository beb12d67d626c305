import { errorText, sentence, type Closable, type Logger } from "@streamgauge/core";
import { partFilesOf, type PartFile } from "@streamgauge/core/metric-log";
import { compressPart } from "./compress-part.js";

/** Compresses the finished parts of a log beside the commits, one after another. */
export class PartCompressor implements Closable {
  readonly #path: string;
  readonly #log: Logger;
  readonly #closing = new AbortController();
  #work: Promise<void> | undefined;
  #isWoken = false;

  /** @param path - of the log. */
  constructor(path: string, log: Logger) {
    this.#path = path;
    this.#log = log;
  }

  /** Compresses what is finished and plain. After an error it waits for the next call. */
  wake(): void {
    this.#isWoken = true;
    this.#work ??= this.#run();
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    while (this.#isWoken && !this.#closing.signal.aborted) {
      this.#isWoken = false;
      await this.#compressAll();
    }
    this.#work = undefined;
  }

  async #compressAll(): Promise<void> {
    try {
      for (let part = this.#next(); part !== undefined; part = this.#next()) {
        if (!(await compressPart(part.path, this.#closing.signal))) return;
        this.#log.debug(`${part.path} is compressed.`);
      }
    } catch (error) {
      this.#log.warn(
        `A part of the log is not compressed: ${sentence(errorText(error))} It stays as it is; this is tried again when the next part is finished, and at the next start.`,
      );
    }
  }

  #next(): PartFile | undefined {
    return partFilesOf(this.#path).find(({ isCompressed }) => !isCompressed);
  }

  /** Ends within a block; a part that is half compressed is begun anew at the next start. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#work;
  }
}
