import { execFile } from "node:child_process";
import { ctlOf, logOf, type BrokerAddress } from "./broker-address.js";

/** The user of private brokers. Not guest, which RabbitMQ accepts from loopback only. */
export const BROKER_USER = "streamgauge";
export const BROKER_PASSWORD = "streamgauge";

/** A command that takes a second takes a minute on a machine that is busy with other tests. */
const CTL_TIMEOUT_MS = 180_000;

/** A running private broker, as tests use it. Not its owner: it can neither be started nor stopped here. */
export class BrokerNode<A extends BrokerAddress = BrokerAddress> {
  readonly address: A;

  constructor(address: A) {
    this.address = address;
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
    const { program, first, options } = ctlOf(this.address);
    return new Promise((resolve, reject) => {
      execFile(program, [...first, "--quiet", ...args], { ...options, timeout: CTL_TIMEOUT_MS }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout.trim());
        else
          reject(new Error(`rabbitmqctl ${args.join(" ")} failed: ${stderr.trim() || stdout.trim() || error.message}`, { cause: error }));
      });
    });
  }

  /** All that it has logged. */
  log(): Promise<string> {
    return logOf(this.address);
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
