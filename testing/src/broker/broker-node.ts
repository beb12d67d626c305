import { execFile } from "node:child_process";
import { join } from "node:path";
import { findRabbitMq, type RabbitMqPrograms } from "./rabbitmq-programs.js";

/** Where a private broker is found: all that another process needs to use it, and nothing that JSON cannot carry. */
export interface BrokerAddress {
  /** Erlang's name of it. */
  readonly node: string;
  /** All its files. */
  readonly folder: string;
  readonly ports: { readonly amqp: number; readonly distribution: number; readonly epmd: number };
}

/** The user of private brokers. Not guest, which RabbitMQ accepts from loopback only. */
export const BROKER_USER = "streamgauge";
export const BROKER_PASSWORD = "streamgauge";

const CTL_TIMEOUT_MS = 60_000;

/** A running private broker, as tests use it. Not its owner: it can neither be started nor stopped here. */
export class BrokerNode {
  readonly address: BrokerAddress;
  protected readonly programs: RabbitMqPrograms;

  constructor(address: BrokerAddress, programs: RabbitMqPrograms = findRabbitMq()) {
    this.address = address;
    this.programs = programs;
  }

  /** The URL of its default virtual host. */
  get url(): string {
    return this.urlOf("");
  }

  /** The URL of a virtual host. */
  urlOf(vhost: string): string {
    return `amqp://${BROKER_USER}:${BROKER_PASSWORD}@127.0.0.1:${this.address.ports.amqp}/${encodeURIComponent(vhost)}`;
  }

  /**
   * Runs `rabbitmqctl` on this broker and returns what it prints. Takes about a second.
   *
   * @throws with what it complains of.
   */
  ctl(...args: readonly string[]): Promise<string> {
    const { ctl, user } = this.programs;
    const options = { ...user, cwd: this.address.folder, env: environmentOf(this.address), timeout: CTL_TIMEOUT_MS };
    return new Promise((resolve, reject) => {
      execFile(ctl, ["--node", this.address.node, "--quiet", ...args], options, (error, stdout, stderr) => {
        if (error === null) resolve(stdout.trim());
        else
          reject(new Error(`rabbitmqctl ${args.join(" ")} failed: ${stderr.trim() || stdout.trim() || error.message}`, { cause: error }));
      });
    });
  }

  /** Makes a virtual host, empty and apart from all others, and returns its URL. Takes about a second. */
  async addVhost(name: string): Promise<string> {
    // One call in place of two: starting rabbitmqctl is what takes the time.
    await this.ctl(
      "eval",
      `ok = rabbit_vhost:add(<<"${name}">>, <<"tests">>),
       ok = rabbit_auth_backend_internal:set_permissions(<<"${BROKER_USER}">>, <<"${name}">>, <<".*">>, <<".*">>, <<".*">>, <<"tests">>).`,
    );
    return this.urlOf(name);
  }

  /** Cuts every connection to a virtual host, as an operator would. */
  async closeConnections(vhost = "/"): Promise<void> {
    await this.ctl("close_all_connections", "--vhost", vhost, "cut by a test");
  }
}

/** The environment of every program that belongs to this broker; nothing of the machine's own RabbitMQ is read. */
export function environmentOf({ node, folder, ports }: BrokerAddress): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"],
    LANG: "C.UTF-8",
    // Erlang's cookie is in the home folder.
    HOME: folder,
    ERL_EPMD_PORT: String(ports.epmd),
    ERL_EPMD_ADDRESS: "127.0.0.1",
    RABBITMQ_NODENAME: node,
    RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
    RABBITMQ_NODE_PORT: String(ports.amqp),
    RABBITMQ_DIST_PORT: String(ports.distribution),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none",
    RABBITMQ_CONF_ENV_FILE: join(folder, "rabbitmq-env.conf"),
    RABBITMQ_CONFIG_FILE: join(folder, "rabbitmq.conf"),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, "advanced.config"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "enabled_plugins"),
    RABBITMQ_MNESIA_BASE: join(folder, "data"),
    RABBITMQ_LOG_BASE: join(folder, "log"),
    RABBITMQ_PID_FILE: join(folder, "pid"),
  };
}
