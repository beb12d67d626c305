import { MessageChannel, type Worker } from "node:worker_threads";
import { Deferred, errorOfPort, serveBus, type Closable, type ServiceLink, type ServiceScope } from "@streamgauge/core";
import type { AllConfig } from "../../settings.js";
import type { LaneProgress, ThreadQuestion, ThreadReply, ThreadTask } from "./thread-messages.js";

export interface ServiceThreadOptions {
  /** Loads the service. */
  readonly worker: Worker;
  readonly config: AllConfig;
  /** Its log and health server are those of this thread. */
  readonly link: ServiceLink;
  /** The name of the link. */
  readonly name: string;
  /** Where lines of its log go. */
  readonly write: (line: string) => void;
}

/**
 * A service in a thread of its own. What blocks it, such as the disk or a picture, does not hold up the others. It uses the bus of its link
 * through a port.
 */
export class ServiceThread implements Closable {
  readonly #worker: Worker;
  readonly #asked = new Map<number, Deferred<string | LaneProgress | undefined>>();
  readonly #started = new Deferred<void>();
  readonly #scope: Pick<ServiceScope, "stop" | "fail">;
  readonly #write: (line: string) => void;
  #questions = 0;
  #isStarted = false;
  #closing: Promise<void> | undefined;

  private constructor(scope: Pick<ServiceScope, "stop" | "fail">, { worker, config, link, name, write }: ServiceThreadOptions) {
    this.#scope = scope;
    this.#write = write;
    const { port1, port2 } = new MessageChannel();
    serveBus(link.bus, port1);
    this.#worker = worker;
    const task: ThreadTask = { name, lane: link.lane, partition: link.partition, config, bus: port2 };
    this.#worker.ref();
    this.#worker.postMessage(task, [port2]);
    this.#worker.on("message", (reply: ThreadReply) => this.#hear(reply));
    this.#worker.on("error", (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on("exit", () => this.#fail(new Error(`The thread of ${name} ended.`)));
  }

  /** Starts a service. @throws what its start throws, with its name and message. */
  static async start(scope: Pick<ServiceScope, "stop" | "fail">, options: ServiceThreadOptions): Promise<ServiceThread> {
    const thread = new ServiceThread(scope, options);
    await thread.#started.promise;
    options.link.health.addRegistry({ metrics: () => thread.#metrics() });
    return thread;
  }

  /** How far metrics is; undefined while its disk cannot be written, and after the end. */
  async progress(): Promise<LaneProgress | undefined> {
    const progress = await this.#ask("progress");
    return typeof progress === "object" ? progress : undefined;
  }

  async #metrics(): Promise<string> {
    const text = await this.#ask("metrics");
    return typeof text === "string" ? text : "";
  }

  #ask(ask: ThreadQuestion["ask"]): Promise<string | LaneProgress | undefined> {
    if (this.#closing !== undefined && ask !== "close") return Promise.resolve(undefined);
    const n = ++this.#questions;
    const answer = new Deferred<string | LaneProgress | undefined>();
    this.#asked.set(n, answer);
    this.#worker.postMessage({ n, ask });
    return answer.promise;
  }

  #hear(reply: ThreadReply): void {
    if (reply.is === "line") this.#write(reply.line);
    else if (reply.is === "stop") this.#scope.stop();
    else if (reply.is === "started") {
      this.#isStarted = true;
      this.#started.resolve();
    } else if (reply.is === "answer") this.#take(reply.n)?.resolve(reply.value);
    else if (reply.n !== undefined) this.#take(reply.n)?.reject(errorOfPort(reply.error));
    else this.#fail(errorOfPort(reply.error));
  }

  #take(n: number): Deferred<string | LaneProgress | undefined> | undefined {
    const answer = this.#asked.get(n);
    this.#asked.delete(n);
    return answer;
  }

  /** It does not start, or cannot go on. */
  #fail(error: Error): void {
    for (const answer of this.#asked.values()) answer.reject(error);
    this.#asked.clear();
    if (this.#closing !== undefined) return;
    if (this.#isStarted) this.#scope.fail(error);
    else this.#started.reject(error);
  }

  /** Lets the service finish its work, and ends its thread. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    try {
      await this.#ask("close");
    } finally {
      await this.#worker.terminate();
    }
  }
}
