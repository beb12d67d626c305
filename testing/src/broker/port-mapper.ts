import { createServer, type Server, type Socket } from "node:net";
import { portOf } from "../free-ports.js";

/** Requests and answers of epmd's protocol, by Erlang's documentation "Distribution Protocol". */
const ALIVE2_REQ = 120;
const ALIVE2_X_RESP = 118;
const ALIVE2_RESP = 121;
const PORT_PLEASE2_REQ = 122;
const PORT2_RESP = 119;
const NAMES_REQ = 110;

const NORMAL_OVER_TCP = [77, 0] as const;
/** Of the distribution protocol: Erlang/OTP 23 and later speak 6, and RabbitMQ 3.10 asks for 5 too. */
const VERSIONS = { highest: 6, lowest: 5 };

/**
 * What Erlang asks where a node listens, in the place of epmd.
 *
 * @param peers - ports by the first part of a node's name: they go before those that register.
 * @param registered - ports by name, filled as nodes register. Mappers may share it: a node must find the command line that asks its peer.
 */
export async function openPortMapper(peers: ReadonlyMap<string, number>, registered = new Map<string, number>()): Promise<PortMapper> {
  const server = createServer();
  const mapper = new PortMapper(server, peers, registered);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  server.unref();
  return mapper;
}

/** A port mapper of one node, which sends it to its peers by the way of a proxy. */
export class PortMapper {
  readonly #server: Server;
  readonly #peers: ReadonlyMap<string, number>;
  readonly #registered: Map<string, number>;
  readonly #sockets = new Set<Socket>();
  #creation = 1;

  constructor(server: Server, peers: ReadonlyMap<string, number>, registered: Map<string, number>) {
    this.#server = server;
    this.#peers = peers;
    this.#registered = registered;
    server.on("connection", (socket) => this.#accept(socket));
  }

  get port(): number {
    return portOf(this.#server);
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    let received = Buffer.alloc(0);
    socket.unref();
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const request = received.subarray(2, 2 + received.readUInt16BE(0));
      received = Buffer.alloc(0);
      this.#answer(socket, request);
    });
  }

  #answer(socket: Socket, request: Buffer): void {
    const kind = request[0];
    if (kind === ALIVE2_REQ) this.#register(socket, request);
    else if (kind === PORT_PLEASE2_REQ) socket.end(this.#portOf(request.toString("latin1", 1)));
    else if (kind === NAMES_REQ) socket.end(this.#names());
    else socket.destroy();
  }

  /** A name is held for as long as its connection stands. */
  #register(socket: Socket, request: Buffer): void {
    const name = request.toString("latin1", 11, 11 + request.readUInt16BE(9));
    this.#registered.set(name, request.readUInt16BE(1));
    socket.once("close", () => this.#registered.delete(name));
    this.#creation += 1;
    if (request.readUInt16BE(5) < VERSIONS.highest) socket.write(Buffer.from([ALIVE2_RESP, 0, 0, this.#creation % 4]));
    else socket.write(Buffer.from([ALIVE2_X_RESP, 0, 0, 0, 0, this.#creation]));
  }

  #portOf(name: string): Buffer {
    const port = this.#peers.get(name) ?? this.#registered.get(name);
    if (port === undefined) return Buffer.from([PORT2_RESP, 1]);
    const fixed = Buffer.from([PORT2_RESP, 0, 0, 0, ...NORMAL_OVER_TCP, 0, VERSIONS.highest, 0, VERSIONS.lowest, 0, name.length]);
    fixed.writeUInt16BE(port, 2);
    return Buffer.concat([fixed, Buffer.from(name, "latin1"), Buffer.alloc(2)]);
  }

  #names(): Buffer {
    const port = Buffer.alloc(4);
    port.writeUInt32BE(this.port);
    const lines = [...this.#registered].map(([name, at]) => `name ${name} at port ${at}\n`);
    return Buffer.concat([port, Buffer.from(lines.join(""), "latin1")]);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
