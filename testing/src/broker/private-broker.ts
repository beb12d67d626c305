import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { openSync, closeSync } from "node:fs";
import { chown, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { connect } from "amqplib";
import { BROKER_PASSWORD, BROKER_USER, BrokerNode, environmentOf, type BrokerAddress } from "./broker-node.js";
import { freePorts } from "../free-ports.js";
import { findRabbitMq, type RabbitMqPrograms } from "./rabbitmq-programs.js";

export interface PrivateBrokerOptions {
  /** Plugins to start with, like `rabbitmq_management`. Default: none, which starts fastest. */
  readonly plugins?: readonly string[];
  /** Further lines of its rabbitmq.conf. */
  readonly config?: readonly string[];
}

/** How long a start may take; on a busy machine of two cores it was seen to take 15 s. */
const START_TIMEOUT_MS = 90_000;

/**
 * Waits until its standard input ends, which happens however the owner ends: by itself, by Ctrl-C or by SIGKILL. Then it kills the process
 * group that it was told last, and removes the folder.
 */
const GUARD = `
  while read -r group; do last=$group; done
  [ -z "$last" ] || kill -KILL "-$last" 2>/dev/null
  for try in 1 2 3 4 5; do rm -rf -- "$1" 2>/dev/null && break; sleep 0.2; done`;

/** The port mapper runs in the broker's own process group, so that it ends with it; Erlang would leave one behind. */
const SERVER = '[ -z "$1" ] || "$1" -port "$ERL_EPMD_PORT" -address 127.0.0.1 & exec "$2"';

/**
 * A RabbitMQ of its own, beside any other on this machine, with its own name, ports, user and folder.
 *
 * @throws RabbitMqMissingError where RabbitMQ is not installed; otherwise with the end of the broker's log.
 */
export async function startPrivateBroker(options: PrivateBrokerOptions = {}): Promise<PrivateBroker> {
  const programs = findRabbitMq();
  const broker = new PrivateBroker(await newBroker(options, programs), programs);
  try {
    await broker.start();
    return broker;
  } catch (error) {
    await broker.stop();
    throw error;
  }
}

async function newBroker({ plugins = [], config = [] }: PrivateBrokerOptions, { user }: RabbitMqPrograms): Promise<BrokerAddress> {
  const folder = await mkdtemp(join(tmpdir(), "streamgauge-rabbitmq-"));
  const [amqp = 0, distribution = 0, epmd = 0] = await freePorts(3);
  const files: Record<string, string> = {
    "rabbitmq-env.conf": "",
    "rabbitmq.conf": [`default_user = ${BROKER_USER}`, `default_pass = ${BROKER_PASSWORD}`, ...config, ""].join("\n"),
    enabled_plugins: `[${plugins.join(",")}].\n`,
    ".erlang.cookie": randomBytes(15).toString("hex"),
    "server.log": "",
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), content, { mode: 0o600 });
    if (user !== undefined) await chown(join(folder, name), user.uid, user.gid);
  }
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  return { node: `streamgauge-${amqp}@localhost`, folder, ports: { amqp, distribution, epmd } };
}

/** A private broker and the power over its life. It ends with the process that started it, however that ends. */
export class PrivateBroker extends BrokerNode {
  readonly #guard: ChildProcess;
  #server: ChildProcess | undefined;

  constructor(address: BrokerAddress, programs: RabbitMqPrograms) {
    super(address, programs);
    this.#guard = spawn("/bin/sh", ["-c", GUARD, "guard", address.folder], { stdio: ["pipe", "ignore", "ignore"], detached: true });
    letGo(this.#guard);
  }

  /** Starts it, again after `kill()`: with the same data, address and URL. Resolves when it has completed an AMQP handshake. */
  async start(): Promise<void> {
    const { server, epmd = "", user } = this.programs;
    const log = openSync(join(this.address.folder, "server.log"), "a");
    const child = spawn("/bin/sh", ["-c", SERVER, "server", epmd, server], {
      ...user,
      cwd: this.address.folder,
      env: environmentOf(this.address),
      stdio: ["ignore", log, log],
      detached: true,
    });
    closeSync(log);
    letGo(child);
    this.#server = child;
    this.#guard.stdin?.write(`${child.pid}\n`);
    await this.#ready(child);
  }

  async #ready(child: ChildProcess): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      const error = await handshake(this.url);
      if (error === undefined) return;
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`RabbitMQ ended while it started.\n${await this.#logEnd()}`);
      if (Date.now() > deadline) throw new Error(`RabbitMQ did not start.\n${await this.#logEnd()}`, { cause: error });
      await delay(50);
    }
  }

  async #logEnd(): Promise<string> {
    return (await readFile(join(this.address.folder, "server.log"), "utf8")).slice(-4_000);
  }

  /**
   * SIGKILL to its Erlang machine, as the kernel does when memory is short. Resolves when it is dead. Call `saveQueueNames()`
   * before, unless a queue that is new is to be lost.
   */
  async kill(): Promise<void> {
    const child = this.#server;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    this.#signal("SIGKILL");
    await endOf(child);
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

  /** Freezes it: its connections stay open, and nothing answers. */
  pause(): void {
    this.#signal("SIGSTOP");
  }

  resume(): void {
    this.#signal("SIGCONT");
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#server?.pid !== undefined) process.kill(-this.#server.pid, signal);
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
function letGo(child: ChildProcess): void {
  child.unref();
  const { stdin } = child;
  if (stdin !== null && "unref" in stdin && typeof stdin.unref === "function") stdin.unref();
}

async function endOf(child: ChildProcess): Promise<void> {
  // Who waits for its end must live until then.
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

/** Why the broker does not answer yet; undefined when it does. An open port alone says nothing. */
async function handshake(url: string): Promise<unknown> {
  try {
    const connection = await connect(url, { timeout: 5_000 });
    await connection.close();
    return undefined;
  } catch (error) {
    return error;
  }
}
