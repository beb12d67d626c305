import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

/** What a call brought. */
export interface Asked {
  readonly inputs: readonly {
    readonly name: string;
    readonly datatype: string;
    readonly shape: readonly number[];
    readonly data: readonly (number | string | boolean)[];
  }[];
  readonly outputs?: readonly { readonly name: string }[];
}

export interface FakeServerOptions {
  /** Its description of the model, beside the name. */
  readonly metadata?: object;
  /** Answers a call. Default: the sum of each row. */
  readonly infer?: (asked: Asked, response: ServerResponse) => void | Promise<void>;
  /** Whether it says that it is ready. */
  readonly ready?: () => boolean;
}

/** A model server of this process that speaks the Open Inference Protocol, until the end of the test. */
export interface FakeServer {
  /** Of the model `sums`. */
  readonly url: string;
  /** The calls so far. */
  readonly calls: readonly Asked[];
  /** Calls that are under way now, and at most so far. */
  readonly underWay: { now: number; most: number };
  close(): Promise<void>;
}

export const TWO_COLUMNS = {
  versions: ["3"],
  inputs: [
    { name: "a", datatype: "FP64", shape: [-1, 1] },
    { name: "b", datatype: "FP64", shape: [-1, 1] },
  ],
  outputs: [{ name: "y", datatype: "FP64", shape: [-1, 1] }],
};

/** @param port - of an earlier one that is to come back; 0 picks a free one. */
export async function startModelServer(options: FakeServerOptions = {}, port = 0): Promise<FakeServer> {
  const { metadata = TWO_COLUMNS, infer = answerSums, ready = () => true } = options;
  const calls: Asked[] = [];
  const underWay = { now: 0, most: 0 };
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.url === "/v2/models/sums/ready") response.writeHead(ready() ? 200 : 503).end();
    else if (request.url === "/v2/models/sums") send(response, 200, { name: "sums", ...metadata });
    else if (request.url === "/v2/models/sums/infer") {
      const asked: Asked = JSON.parse(await text(request));
      calls.push(asked);
      underWay.now += 1;
      underWay.most = Math.max(underWay.most, underWay.now);
      response.on("close", () => (underWay.now -= 1));
      await infer(asked, response);
    } else send(response, 404, { error: `Model ${request.url} not found` });
  };
  const server = createServer((request, response) => void respond(request, response));
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const { port: taken } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    if (server.listening) await new Promise((done) => server.close(done));
  };
  onTestFinished(close);
  return { url: `http://127.0.0.1:${taken}/v2/models/sums`, calls, underWay, close };
}

export function answerSums(asked: Asked, response: ServerResponse): void {
  const rows = asked.inputs[0]?.shape[0] ?? 0;
  const sums = Array.from({ length: rows }, (_, row) => sumOfRow(asked, rows, row));
  send(response, 200, { model_name: "sums", model_version: "3", outputs: [{ name: "y", datatype: "FP64", shape: [rows, 1], data: sums }] });
}

function sumOfRow({ inputs }: Asked, rows: number, row: number): number {
  return inputs.reduce((sum, { data }) => {
    const width = data.length / rows;
    return sum + data.slice(row * width, (row + 1) * width).reduce<number>((part, value) => part + Number(value), 0);
  }, 0);
}

export function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
