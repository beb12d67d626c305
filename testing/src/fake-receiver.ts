import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** A request that a receiver got. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How a receiver answers: with a status, or as the function says, which may never answer. */
export type Answer = number | ((request: Received, response: ServerResponse) => void);

/** A receiver of alerts in this process. */
export interface FakeReceiver {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** The requests so far, whatever was answered. */
  readonly requests: readonly Received[];
  /** Changes how it answers from now on. */
  answer: Answer;
  /** Resolves with the first `count` requests when there are as many. */
  first(count: number): Promise<readonly Received[]>;
  /** Ends it; its port refuses connections then. */
  close(): Promise<void>;
}

/** @param port - of an earlier one that comes back; 0 picks a free one. */
export async function startFakeReceiver(answer: Answer = 200, port = 0): Promise<FakeReceiver> {
  const requests: Received[] = [];
  const waiting: { readonly count: number; readonly enough: () => void }[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const received = { path: request.url ?? "", headers: request.headers, body };
      requests.push(received);
      for (const { count, enough } of waiting) if (requests.length >= count) enough();
      if (typeof receiver.answer === "number") response.writeHead(receiver.answer).end();
      else receiver.answer(received, response);
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const { port: taken } = server.address() as AddressInfo;
  const receiver: FakeReceiver = {
    url: `http://127.0.0.1:${taken}`,
    requests,
    answer,
    async first(count) {
      if (requests.length < count) await new Promise<void>((enough) => waiting.push({ count, enough }));
      return requests.slice(0, count);
    },
    async close() {
      server.closeAllConnections();
      if (server.listening) await new Promise((done) => server.close(done));
    },
  };
  return receiver;
}
