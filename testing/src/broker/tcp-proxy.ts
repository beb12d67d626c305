import { createServer, connect, type Server, type Socket } from "node:net";
import { Deferred } from "@streamgauge/core";
import { portOf } from "../free-ports.js";

/** Where the proxy passes bytes on to. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** One client's two sockets. */
interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** Opens a proxy in front of a server, on a free port of the loopback interface, that can misbehave as networks do. */
export async function openTcpProxy(target: Target): Promise<TcpProxy> {
  const listener = createServer();
  const proxy = new TcpProxy(listener, target);
  await new Promise<void>((resolve, reject) => {
    listener.once("error", reject);
    listener.listen(0, "127.0.0.1", resolve);
  });
  return proxy;
}

/** A link to a server that can be reset, frozen, slowed to a stop or cut in the middle of a frame. */
export class TcpProxy {
  readonly #listener: Server;
  readonly #pairs = new Set<Pair>();
  #paused = false;
  /** What became of one side while nothing was passed on, for the other side. */
  readonly #news: (() => void)[] = [];
  #refusing = false;
  /** How many bytes clients may still send; undefined: any number. */
  #budget: number | undefined;
  #cut = new Deferred<void>();

  constructor(listener: Server, target: Target) {
    this.#listener = listener;
    listener.on("connection", (client) => this.#accept(client, target));
  }

  get port(): number {
    return portOf(this.#listener);
  }

  /** How many clients are connected now. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** A URL with this proxy in the place of its server. */
  through(url: string): string {
    const through = new URL(url);
    through.hostname = "127.0.0.1";
    through.port = String(this.port);
    return through.href;
  }

  #accept(client: Socket, target: Target): void {
    if (this.#refusing) {
      client.resetAndDestroy();
      return;
    }
    const pair: Pair = { client, server: connect({ ...target, noDelay: true }) };
    this.#pairs.add(pair);
    this.#pass(pair, client, pair.server, (chunk) => this.#withinBudget(chunk, pair));
    this.#pass(pair, pair.server, client, (chunk) => chunk);
    if (this.#paused) this.#freeze(pair);
  }

  #pass(pair: Pair, from: Socket, to: Socket, filter: (chunk: Buffer) => Buffer): void {
    from.setNoDelay(true);
    from.on("data", (chunk: Buffer) => {
      if (!to.write(filter(chunk))) from.pause();
    });
    to.on("drain", () => {
      if (!this.#paused) from.resume();
    });
    from.on("end", () => to.end());
    // A reset on one side is passed on to the other.
    from.on("error", () => this.#tell(() => to.resetAndDestroy()));
    from.on("close", () =>
      this.#tell(() => {
        this.#pairs.delete(pair);
        to.destroy();
      }),
    );
  }

  #tell(news: () => void): void {
    if (this.#paused) this.#news.push(news);
    else news();
  }

  #withinBudget(chunk: Buffer, pair: Pair): Buffer {
    if (this.#budget === undefined) return chunk;
    const passed = chunk.subarray(0, this.#budget);
    this.#budget -= passed.length;
    // The last bytes must leave before the socket is destroyed.
    if (this.#budget === 0)
      setImmediate(() => {
        pair.client.resetAndDestroy();
        this.#cut.resolve();
      });
    return passed;
  }

  /** Resets all connections; new ones are accepted. */
  reset(): void {
    for (const { client, server } of this.#pairs) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  /** Resets new connections until `accept()`. */
  refuse(): void {
    this.#refusing = true;
  }

  accept(): void {
    this.#refusing = false;
  }

  /** Passes nothing on, in both directions, not even that one side is gone: a half-open link. New ones are taken and stay silent. */
  pause(): void {
    this.#paused = true;
    for (const pair of this.#pairs) this.#freeze(pair);
  }

  #freeze({ client, server }: Pair): void {
    client.pause();
    server.pause();
  }

  resume(): void {
    this.#paused = false;
    for (const { client, server } of this.#pairs) {
      client.resume();
      server.resume();
    }
    for (const news of this.#news.splice(0)) news();
  }

  /** Lets clients send this many bytes more, all together, and resets the connection that sends the last of them, which cuts a frame. */
  cutAfter(bytes: number): void {
    this.#budget = bytes;
    this.#cut = new Deferred();
  }

  /** Resolves when that has happened. */
  get cut(): Promise<void> {
    return this.#cut.promise;
  }

  /** Ends `cutAfter`. */
  uncut(): void {
    this.#budget = undefined;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#listener.close(resolve));
    this.reset();
    await closed;
  }
}
