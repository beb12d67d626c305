import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { chown, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environmentOf, type ProcessAddress } from "./broker-address.js";
import { BROKER_PASSWORD, BROKER_USER } from "./broker-node.js";
import { freePorts } from "../free-ports.js";
import { endOf, letGo, METRICS_PLUGIN, PrivateBroker, type PrivateBrokerOptions } from "./private-broker.js";
import { findRabbitMq } from "./rabbitmq-programs.js";

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

/** What a broker is within a cluster. */
export interface Membership {
  /** Erlang's, the same for all nodes. */
  readonly cookie: string;
  /** `epmd` is that of a port mapper that runs already. */
  readonly ports: ProcessAddress["ports"];
  /** Further arguments of Erlang. */
  readonly erlang: string;
}

/** A broker of this machine's RabbitMQ, with its own name, ports, user and folder. */
export class ProcessBroker extends PrivateBroker<ProcessAddress> {
  #server: ChildProcess | undefined;

  /** Not started. @throws RabbitMqMissingError if RabbitMQ is not installed. */
  static async make(options: PrivateBrokerOptions, membership?: Membership): Promise<ProcessBroker> {
    const { plugins = [], config = [], metricsPort } = options;
    const { cookie, ports, erlang } = membership ?? (await alone());
    const { user } = findRabbitMq();
    const folder = await mkdtemp(join(tmpdir(), "streamgauge-rabbitmq-"));
    const metrics = metricsPort === undefined ? [] : ["prometheus.tcp.ip = 127.0.0.1", `prometheus.tcp.port = ${metricsPort}`];
    const enabled = metricsPort === undefined ? plugins : [...plugins, METRICS_PLUGIN];
    const files: Record<string, string> = {
      "rabbitmq-env.conf": "",
      "rabbitmq.conf": [`default_user = ${BROKER_USER}`, `default_pass = ${BROKER_PASSWORD}`, ...metrics, ...config, ""].join("\n"),
      enabled_plugins: `[${enabled.join(",")}].\n`,
      ".erlang.cookie": cookie,
      "server.log": "",
    };
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(folder, name), content, { mode: 0o600 });
      if (user !== undefined) await chown(join(folder, name), user.uid, user.gid);
    }
    if (user !== undefined) await chown(folder, user.uid, user.gid);
    return new ProcessBroker(
      { node: `streamgauge-${ports.amqp}@localhost`, folder, ports, erlang, mapsPorts: membership === undefined },
      GUARD,
      folder,
    );
  }

  protected override async launch(): Promise<void> {
    const { server, epmd = "", user } = findRabbitMq();
    const log = openSync(join(this.address.folder, "server.log"), "a");
    const child = spawn("/bin/sh", ["-c", SERVER, "server", this.address.mapsPorts ? epmd : "", server], {
      ...user,
      cwd: this.address.folder,
      env: environmentOf(this.address),
      stdio: ["ignore", log, log],
      detached: true,
    });
    closeSync(log);
    letGo(child);
    this.#server = child;
    this.tellGuard(`${child.pid}`);
  }

  protected override async runs(): Promise<boolean> {
    return this.#server !== undefined && this.#server.exitCode === null && this.#server.signalCode === null;
  }

  protected override async end(): Promise<void> {
    const child = this.#server;
    if (child === undefined || !(await this.runs())) return;
    this.#signal("SIGKILL");
    await endOf(child);
  }

  override async pause(): Promise<void> {
    this.#signal("SIGSTOP");
  }

  override async resume(): Promise<void> {
    this.#signal("SIGCONT");
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#server?.pid !== undefined) process.kill(-this.#server.pid, signal);
  }
}

async function alone(): Promise<Membership> {
  const [amqp = 0, distribution = 0, epmd = 0] = await freePorts(3);
  return { cookie: randomBytes(15).toString("hex"), ports: { amqp, distribution, epmd }, erlang: "" };
}
