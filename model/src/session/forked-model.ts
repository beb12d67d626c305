import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { FeatureValues } from "./feature-kind.js";
import { OutOfProcessModel } from "./out-of-process-model.js";
import type { OpenModelOptions } from "./onnx-model.js";
import type { Described, OpeningOptions, ProcessMessage } from "./out-of-process-messages.js";

/** The compiled process, the same from `src` and from `dist`. */
const PROGRAM = fileURLToPath(new URL("../../dist/session/forked-model-main.js", import.meta.url));
/** A model that takes longer to open is not waited for. */
const OPEN_MS = 60_000;
/** How long calls in progress may take when it is closed. */
const FINISH_MS = 5_000;
/** How long a process may take to end by itself. */
const END_MS = 2_000;

/** The model could not be opened in its process; the message is that of openModel. */
export class ModelRefusedError extends Error {
  override readonly name = "ModelRefusedError";
}

/** The process of the model ended without having been asked to. */
export class ModelProcessEndedError extends Error {
  override readonly name = "ModelProcessEndedError";
}

/**
 * A model in a process of its own, which gives back all that the model took when it ends: ONNX Runtime keeps some memory
 * of each session until its process ends (microsoft/onnxruntime#25325). Handing rows over costs a copy each way:
 * one row takes 58 µs, 8,192 rows of ten features 0.8 ms (Node 20, 2 cores).
 */
export class ForkedModel extends OutOfProcessModel {
  /** Resolves when the process has ended without having been asked to, with how. */
  readonly died: Promise<string>;
  readonly #child: ChildProcess;
  #closing: Promise<void> | undefined;

  private constructor(child: ChildProcess, described: Described) {
    super(described);
    this.#child = child;
    child.on("message", (message: ProcessMessage) => {
      if ("reply" in message) this.receive(message.reply);
    });
    this.died = new Promise((resolve) => {
      child.on("exit", (code, signal) => {
        this.#ended();
        if (this.#closing === undefined) resolve(signal ?? `exit code ${code}`);
      });
    });
  }

  /**
   * @param signal - gives up the opening.
   * @throws ModelRefusedError with the message of `openModel`.
   */
  static async open(path: string, options: OpenModelOptions = {}, signal?: AbortSignal): Promise<ForkedModel> {
    const argument: OpeningOptions = { path, options };
    const child = fork(PROGRAM, [JSON.stringify(argument)], {
      serialization: "advanced",
      // The parent's own flags are not meant for it.
      execArgv: [],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    try {
      return new ForkedModel(child, await firstWord(child, path, signal));
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    }
  }

  async predict(rows: number, columns: readonly FeatureValues[]): Promise<Float64Array> {
    if (!this.#child.connected) throw new ModelProcessEndedError("the process of the model has ended");
    return this.request(
      rows,
      columns.map((column) => exactly(column, rows)),
      (request) => {
        this.#child.send(request, (error) => {
          if (error !== null) this.#ended();
        });
      },
    );
  }

  #ended(): void {
    this.rejectAll(new ModelProcessEndedError("the process of the model ended meanwhile"));
  }

  /** Lets the calls in progress finish, then ends the process. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    const child = this.#child;
    const late = setTimeout(() => child.kill("SIGKILL"), FINISH_MS);
    await this.idle();
    clearTimeout(late);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    const deadline = setTimeout(() => child.kill("SIGKILL"), END_MS);
    if (child.connected) child.disconnect();
    await exit;
    clearTimeout(deadline);
  }
}

/** What the process has opened. @throws ModelRefusedError */
async function firstWord(child: ChildProcess, path: string, signal: AbortSignal | undefined): Promise<Described> {
  const over = new AbortController();
  const deadline = AbortSignal.timeout(OPEN_MS);
  const giveUp = AbortSignal.any([deadline, over.signal, ...(signal === undefined ? [] : [signal])]);
  const words = await Promise.race([
    once(child, "message", { signal: giveUp }).then(([message]: ProcessMessage[]) => message),
    once(child, "exit", { signal: giveUp }).then(
      ([code, killed]: (number | string | null)[]) => `its process ended while it was opened (${killed ?? `exit code ${code}`})`,
    ),
  ]).catch((error: unknown) => {
    if (signal?.aborted === true) return "the service ends";
    if (deadline.aborted) return `it was not open after ${OPEN_MS / 1000} s`;
    return `its process cannot be started: ${error instanceof Error ? error.message : String(error)}`;
  });
  // Neither waits any longer.
  over.abort();
  if (typeof words === "object" && "opened" in words) return words.opened;
  if (typeof words === "object" && "refused" in words) throw new ModelRefusedError(words.refused);
  throw new ModelRefusedError(`Model ${path}: ${typeof words === "string" ? words : "its process did not say what it is"}.`);
}

/** A view into a larger array would be sent with all that is behind it. */
function exactly(column: FeatureValues, rows: number): FeatureValues {
  if (column.length === rows && (!(column instanceof Float64Array) || column.byteLength === column.buffer.byteLength)) return column;
  return column.slice(0, rows);
}
