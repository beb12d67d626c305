import autocannon from "autocannon";
import { percentile } from "../../percentile.js";
import { loadRequest, type RequestName } from "./load-request.js";

/** What is asked for, and how. */
export interface Load {
  readonly url: string;
  readonly request: RequestName;
  readonly connections: number;
  /** Answers of the first seconds do not count. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

/** What clients saw: each connection sends its next request when it has the answer to the last. */
export interface LoadFigures {
  readonly connections: number;
  readonly requestsPerSecond: number;
  readonly rowsPerSecond: number;
  /** In ms. */
  readonly p50: number;
  readonly p99: number;
}

/** Requests failed, or got a wrong answer: their speed says nothing. */
export class WrongAnswersError extends Error {
  override readonly name = "WrongAnswersError";

  constructor(wrong: number, answered: number, first: string) {
    super(`${wrong} of ${answered} requests were not answered right; the first: ${first}`);
  }
}

/** A request under way on one connection. */
interface UnderWay {
  n?: number;
  id?: string;
}

const TIMEOUT_S = 30;

/** @throws WrongAnswersError if a single answer is wrong. */
export async function runLoad({ url, request, connections, warmUpSeconds, seconds }: Load): Promise<LoadFigures> {
  const asked = loadRequest(request);
  const answers = new Answers();
  const run = Date.now().toString(36);
  let sent = 0;
  const requests = [
    {
      method: "POST" as const,
      path: asked.path,
      headers: { "content-type": "application/json" },
      setupRequest: (template: autocannon.Request, underWay: UnderWay) => {
        const n = (underWay.n = sent++);
        const id = (underWay.id = `${run}-${n}`);
        return { ...template, body: asked.body(n, id) };
      },
      onResponse: (status: number, answer: string, { n = 0, id = "" }: UnderWay) => {
        answers.note(status === 200 && asked.isRight(answer, n, id), () => `status ${status}, ${answer.slice(0, 300)}`);
      },
    },
  ];
  const begin = performance.now() + warmUpSeconds * 1_000;
  const end = begin + seconds * 1_000;
  const took: number[] = [];
  const options = { url, connections, duration: warmUpSeconds + seconds, timeout: TIMEOUT_S, requests };
  const { errors } = await new Promise<autocannon.Result>((resolve, reject) => {
    const onEnd = (error: unknown, result: autocannon.Result) => (error === null ? resolve(result) : reject(error));
    autocannon(options, onEnd).on("response", (_client, _status, _bytes, ms) => {
      const at = performance.now();
      if (at >= begin && at < end) took.push(ms);
    });
  });
  answers.requireRight(errors);
  return { connections, ...figuresOf(took, seconds, asked.rows) };
}

function figuresOf(took: readonly number[], seconds: number, rows: number): Omit<LoadFigures, "connections"> {
  const sorted = Float64Array.from(took).sort();
  const requestsPerSecond = sorted.length / seconds;
  return { requestsPerSecond, rowsPerSecond: rows * requestsPerSecond, p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
}

/** Counts answers, and keeps the first wrong one. */
class Answers {
  #all = 0;
  #wrong = 0;
  #first = "";

  note(isRight: boolean, said: () => string): void {
    this.#all += 1;
    if (isRight) return;
    this.#wrong += 1;
    if (this.#wrong === 1) this.#first = said();
  }

  /** @param failed - requests without an answer. @throws WrongAnswersError */
  requireRight(failed: number): void {
    const first = this.#first === "" ? "no answer" : this.#first;
    if (this.#wrong + failed > 0 || this.#all === 0) throw new WrongAnswersError(this.#wrong + failed, this.#all, first);
  }
}
