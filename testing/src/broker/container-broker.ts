import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ContainerAddress } from "./broker-address.js";
import { BROKER_PASSWORD, BROKER_USER } from "./broker-node.js";
import { freePorts } from "../free-ports.js";
import { METRICS_PLUGIN, PrivateBroker, type PrivateBrokerOptions } from "./private-broker.js";

const GUARD = 'while read -r line; do :; done; docker rm --force --volumes "$1"';

const run = promisify(execFile);

/** A broker in a container of RabbitMQ's official image, or of one that reads the same files and variables. Needs Docker. */
export class ContainerBroker extends PrivateBroker<ContainerAddress> {
  /** Not started. @param image - as `docker run` takes it: `rabbitmq:4.3-management`. */
  static async make(image: string, options: PrivateBrokerOptions): Promise<ContainerBroker> {
    const container = `streamgauge-rabbitmq-${randomBytes(4).toString("hex")}`;
    const [amqp = 0] = await freePorts(1);
    // Where Docker sets no limit, Erlang reserves memory for a thousand million open files.
    const limits = ["--ulimit", "nofile=16384:16384"];
    const user = ["--env", `RABBITMQ_DEFAULT_USER=${BROKER_USER}`, "--env", `RABBITMQ_DEFAULT_PASS=${BROKER_PASSWORD}`];
    // RabbitMQ keeps its data under its host's name.
    const names = ["--name", container, "--hostname", container, "--publish", `127.0.0.1:${amqp}:5672`];
    const metrics = options.metricsPort === undefined ? [] : ["--publish", `127.0.0.1:${options.metricsPort}:15692`];
    await docker("create", ...names, ...metrics, ...limits, ...user, image);
    const broker = new ContainerBroker({ container, ports: { amqp } }, GUARD, container);
    await broker.#configure(options);
    return broker;
  }

  async #configure({ plugins = [], config = [], metricsPort }: PrivateBrokerOptions): Promise<void> {
    const enabled = metricsPort === undefined ? plugins : [...plugins, METRICS_PLUGIN];
    const folder = await mkdtemp(join(tmpdir(), "streamgauge-rabbitmq-"));
    const files = {
      "conf.d/90-test.conf": ["log.console = true", ...config, ""].join("\n"),
      enabled_plugins: `[${enabled.join(",")}].\n`,
    };
    for (const [path, content] of Object.entries(files)) {
      const file = join(folder, "file");
      await writeFile(file, content, { mode: 0o644 });
      await docker("cp", file, `${this.address.container}:/etc/rabbitmq/${path}`);
    }
    await rm(folder, { recursive: true });
  }

  protected override async launch(): Promise<void> {
    await docker("start", this.address.container);
  }

  protected override async runs(): Promise<boolean> {
    return (await docker("inspect", "--format", "{{.State.Running}}", this.address.container)) === "true";
  }

  protected override async end(): Promise<void> {
    if (await this.runs()) await docker("kill", this.address.container);
  }

  override async pause(): Promise<void> {
    await docker("pause", this.address.container);
  }

  override async resume(): Promise<void> {
    await docker("unpause", this.address.container);
  }
}

async function docker(...args: readonly string[]): Promise<string> {
  return (await run("docker", args)).stdout.trim();
}
