import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { builtFile, nodeOptionsOf } from "@streamgauge/testing";
import { endWithBench } from "./ends-with-bench.js";

/** A task in a process of its own did not come to an end. */
export class TaskFailedError extends Error {
  override readonly name = "TaskFailedError";
  readonly task: string;

  constructor(task: string, how: string) {
    super(`The measuring process ${task} ${how}.`);
    this.task = task;
  }
}

/** What the two processes say to each other. */
type Message<Result> =
  { readonly is: "ready" } | { readonly is: "result"; readonly result: Result } | { readonly is: "failed"; readonly reason: string };

/** The parent's end of a task that runs in a process of its own. */
export class ChildTask<Result> {
  readonly result: Promise<Result>;
  readonly #child: ChildProcess;
  readonly #ready: Promise<void>;

  /** @param file - compiled, without its ending, below `bench/dist`. @param task - what `serveTask` gets there. */
  constructor(file: string, task: object) {
    this.#child = fork(builtFile(`bench/dist/${file}.js`), {
      // As the services are started.
      execArgv: nodeOptionsOf("features"),
      serialization: "advanced",
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    endWithBench(this.#child);
    this.#ready = this.#said(file, "ready").then(() => undefined);
    this.result = this.#said(file, "result").then((message) =>
      message.is === "result" ? message.result : Promise.reject(new TaskFailedError(file, "had no result")),
    );
    // The caller may await it later; until then a failure must not be an unhandled rejection.
    this.#ready.catch(() => undefined);
    this.result.catch(() => undefined);
    this.#child.send({ task });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  #said(file: string, what: Message<Result>["is"]): Promise<Message<Result>> {
    return new Promise((resolve, reject) => {
      this.#child.on("message", (message: Message<Result>) => {
        if (message.is === what) resolve(message);
        else if (message.is === "failed") reject(new TaskFailedError(file, `failed: ${message.reason}`));
      });
      this.#child.once("exit", (code, signal) => reject(new TaskFailedError(file, `ended with ${String(code ?? signal)}`)));
    });
  }

  /** Resolves when it is set up. @throws TaskFailedError */
  ready(): Promise<void> {
    return this.#ready;
  }

  /** Lets it begin. */
  go(): void {
    this.#child.send({ go: true });
  }

  /** Ends it, whatever it is at. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }
}
