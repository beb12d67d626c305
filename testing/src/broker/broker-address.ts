import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { findRabbitMq } from "./rabbitmq-programs.js";

/** Where a private broker is found: all that another process needs to use it, and nothing that JSON cannot carry. */
export type BrokerAddress = ProcessAddress | ContainerAddress;

/** Of one that is this machine's RabbitMQ. */
export interface ProcessAddress {
  /** Erlang's name of it. */
  readonly node: string;
  /** All its files. */
  readonly folder: string;
  readonly ports: { readonly amqp: number; readonly distribution: number; readonly epmd: number };
  /** Further arguments of Erlang. */
  readonly erlang: string;
  /** Whether Erlang's port mapper belongs to it; a cluster has one already. */
  readonly mapsPorts: boolean;
}

/** Of one in a container. */
export interface ContainerAddress {
  /** The container's name. */
  readonly container: string;
  /** Of this machine's loopback interface. */
  readonly ports: { readonly amqp: number };
}

/** How `rabbitmqctl` is run on a broker. */
export interface Ctl {
  readonly program: string;
  /** Its first arguments. */
  readonly first: readonly string[];
  readonly options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly uid?: number; readonly gid?: number };
}

const run = promisify(execFile);

export function ctlOf(address: BrokerAddress): Ctl {
  if ("container" in address) return { program: "docker", first: ["exec", address.container, "rabbitmqctl"], options: {} };
  const { ctl, user } = findRabbitMq();
  return { program: ctl, first: ["--node", address.node], options: { ...user, cwd: address.folder, env: environmentOf(address) } };
}

/** All that a broker has logged and printed. */
export async function logOf(address: BrokerAddress): Promise<string> {
  if ("container" in address) {
    const { stdout, stderr } = await run("docker", ["logs", address.container], { maxBuffer: 1 << 28 });
    return stdout + stderr;
  }
  const logs = join(address.folder, "log");
  const names = await readdir(logs).catch(() => []);
  const paths = [join(address.folder, "server.log"), ...names.map((name) => join(logs, name))];
  return (await Promise.all(paths.map((path) => readFile(path, "utf8")))).join("\n");
}

/** The environment of every program that belongs to this broker; nothing of the machine's own RabbitMQ is read. */
export function environmentOf({ node, folder, ports, erlang }: ProcessAddress): NodeJS.ProcessEnv {
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
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none ${erlang}`,
    RABBITMQ_CONF_ENV_FILE: join(folder, "rabbitmq-env.conf"),
    RABBITMQ_CONFIG_FILE: join(folder, "rabbitmq.conf"),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, "advanced.config"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "enabled_plugins"),
    RABBITMQ_MNESIA_BASE: join(folder, "data"),
    RABBITMQ_LOG_BASE: join(folder, "log"),
    RABBITMQ_PID_FILE: join(folder, "pid"),
  };
}
