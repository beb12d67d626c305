import { request } from "node:http";
import { Readable } from "node:stream";

/** What the bench reads of the gateway's answers. */
export interface GatewayAnswer {
  readonly accepted?: number;
  readonly id?: string;
  readonly rows?: number;
  readonly status?: string;
  readonly done?: number;
  readonly failed?: number;
  readonly progress?: number;
  readonly y_pred?: number;
  readonly statistics?: { readonly mae: number | null };
  readonly items?: readonly GatewayAnswer[];
  readonly rabbitmq?: { readonly queues: Readonly<Record<string, number>> };
}

export interface AnsweredRequest {
  readonly status: number;
  readonly body: GatewayAnswer;
}

/** A client of the gateway. */
export class GatewayClient {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async ask(path: string, options: RequestInit = {}): Promise<AnsweredRequest> {
    const answer = await fetch(this.url + path, options);
    return { status: answer.status, body: JSON.parse(await answer.text()) };
  }

  /** Streams a body. */
  upload(path: string, type: string, chunks: Iterable<Buffer | string>): Promise<AnsweredRequest> {
    return new Promise((resolve, reject) => {
      const sent = request(this.url + path, { method: "POST", headers: { "content-type": type } }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (part: string) => (text += part));
        answer.once("end", () => resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text) }));
      });
      sent.once("error", reject);
      Readable.from(chunks, { objectMode: false }).pipe(sent);
    });
  }

  /** Asks for one prediction, and waits for it. */
  predict(features: Readonly<Record<string, number>>): Promise<AnsweredRequest> {
    const headers = { "content-type": "application/json" };
    return this.ask("/predictions?wait=30", { method: "POST", headers, body: JSON.stringify({ features }) });
  }
}
