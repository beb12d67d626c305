import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createConnection } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { connect } from "amqplib";
import type { BrokerAddress } from "./broker-address.js";
import { BrokerNode } from "./broker-node.js";

export interface PrivateBrokerOptions {
  /** Plugins to start with, like `rabbitmq_management`. Default: none, which starts fastest. */
  readonly plugins?: readonly string[];
  /** A free port of the loopback interface at which it answers Prometheus. Default: it does not. */
  readonly metricsPort?: number;
  /** Further lines of its rabbitmq.conf. */
  readonly config?: readonly string[];
}

/** Answers Prometheus. */
export const METRICS_PLUGIN = "rabbitmq_prometheus";

/** How long a start may take; on a busy machine of two cores it was seen to take 15 s. */
const START_TIMEOUT_MS = 90_000;

/** A private broker and the power over its life. It ends with the process that started it, however that ends. */
export abstract class PrivateBroker<A extends BrokerAddress = BrokerAddress> extends BrokerNode<A> {
  readonly #guard: ChildProcess;
  #version = "";

  /**
   * @param guard - a shell script that removes all of the broker when its standard input ends, which happens however the owner ends: by
   * itself, by Ctrl-C or by SIGKILL. `$1` is `what`.
   */
  protected constructor(address: A, guard: string, what: string) {
    super(address);
    this.#guard = spawn("/bin/sh", ["-c", guard, "guard", what], { stdio: ["pipe", "ignore", "ignore"], detached: true });
    letGo(this.#guard);
  }

  /** RabbitMQ's version, as it says in the handshake. */
  get version(): string {
    return this.#version;
  }

  /** A line for the guard's standard input. */
  protected tellGuard(line: string): void {
    this.#guard.stdin?.write(`${line}\n`);
  }

  protected abstract launch(): Promise<void>;

  /** Whether it has not ended. */
  protected abstract runs(): Promise<boolean>;

  /** SIGKILL; resolves when it is dead. */
  protected abstract end(): Promise<void>;

  /** Freezes it: its connections stay open, and nothing answers. */
  abstract pause(): Promise<void>;

  abstract resume(): Promise<void>;

  /** Starts it, again after `kill()`: with the same data, address and URL. Resolves when it has completed an AMQP handshake. */
  async start(): Promise<void> {
    await this.launch();
    const deadline = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      const { version, error } = await handshake(this.url);
      if (version !== undefined) {
        this.#version = version;
        return;
      }
      if (!(await this.runs())) throw new Error(`RabbitMQ ended while it started.\n${await this.#logEnd()}`);
      if (Date.now() > deadline) throw new Error(`RabbitMQ did not start.\n${await this.#logEnd()}`, { cause: error });
      await delay(50);
    }
  }

  async #logEnd(): Promise<string> {
    return (await this.log()).slice(-4_000);
  }

  /**
   * SIGKILL to its Erlang machine, as the kernel does when memory is short. Resolves when it is dead. Call `saveQueueNames()`
   * before, unless a queue that is new is to be lost.
   */
  async kill(): Promise<void> {
    await this.end();
    await this.#closed();
  }

  /** A process that was killed takes a while to die; its port says when. */
  async #closed(): Promise<void> {
    while (await isOpen(this.address.ports.amqp)) await delay(5);
  }

  /**
   * Has it write down now which files belong to which quorum queue. RabbitMQ 3.10.8 does so every three minutes: killed before,
   * it forgets a new queue and the confirmed messages in it, and leaves the queue without a leader for ever.
   */
  async saveQueueNames(): Promise<void> {
    await this.ctl("eval", "ok = dets:sync(ra_directory_reverse).");
  }

  /** Ends it and removes all that it left. */
  async stop(): Promise<void> {
    if (this.#guard.exitCode !== null) return;
    this.#guard.stdin?.end();
    await endOf(this.#guard);
    await this.#closed();
  }
}

/** A process that does not keep this one alive. */
export function letGo(child: ChildProcess): void {
  child.unref();
  const { stdin } = child;
  if (stdin !== null && "unref" in stdin && typeof stdin.unref === "function") stdin.unref();
}

export async function endOf(child: ChildProcess): Promise<void> {
  // A process that waits for its end must live until then.
  child.ref();
  await once(child, "exit");
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

/** The broker's version, or why it does not answer yet. An open port alone says nothing. */
async function handshake(url: string): Promise<{ readonly version?: string; readonly error?: unknown }> {
  try {
    const connection = await connect(url, { timeout: 5_000 });
    connection.on("error", () => undefined);
    const { version } = connection.connection.serverProperties;
    // Not waited for: a node that joins a cluster stops once more, and amqplib does not answer a close during which the link dies.
    connection.close().catch(() => undefined);
    return { version };
  } catch (error) {
    return { error };
  }
}
