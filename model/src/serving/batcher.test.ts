import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Batcher, type BatcherOptions, type Scorable, type Scored } from "./batcher.js";
import { ScoringError, type Blame, type Scorer } from "../session/scorer.js";
import { asNumbers } from "../session/index.js";

interface Frame extends Scorable {
  readonly name: string;
}

/** A frame whose row i has the features `first + i` and `10 · (first + i)`. */
function frame(name: string, first: number, rows: number): Frame {
  const a = Float64Array.from({ length: rows }, (_, i) => first + i);
  return { name, rows, columns: [a, a.map((value) => value * 10)] };
}

type Predict = (rows: number, columns: readonly Float64Array[]) => Promise<Float64Array>;

/** The options of a batcher on this one model. */
function scoredBy(predict: Predict, concurrency = 1): Pick<BatcherOptions<Frame>, "concurrency" | "using" | "fit"> {
  const scorer: Scorer = {
    label: "m@1",
    features: ["a", "b"],
    kinds: ["number", "number"],
    allowsMissing: false,
    concurrency,
    score: async (rows, columns) => ({ yPred: await predict(rows, columns.map(asNumbers)), model: "m@1", unit: "" }),
    close: async () => undefined,
  };
  return { concurrency: () => scorer.concurrency, using: (work) => work(scorer), fit: (frame) => frame };
}

/** A batcher on a model that adds the two features of a row, and what came of it. */
class Bench {
  /** Rows of each call. */
  readonly calls: number[] = [];
  readonly answers = new Map<string, number[]>();
  readonly failures: string[] = [];
  readonly #expected: number;
  readonly batcher: Batcher<Frame>;
  #done: () => void = () => undefined;
  readonly done = new Promise<void>((resolve) => (this.#done = resolve));

  /** @param expected - frames after which it is done. */
  constructor(expected: number, { predict, ...options }: Partial<BatcherOptions<Frame>> & { readonly predict?: Predict } = {}) {
    this.#expected = expected;
    this.batcher = new Batcher<Frame>({
      batchRows: 1_000,
      batchDelayMs: 0,
      ...scoredBy(predict ?? ((rows, columns) => this.predict(rows, columns))),
      deliver: (scored) => this.#deliver(scored),
      fail: ({ name }, error) => {
        this.failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
        this.#check();
      },
      ...options,
    });
  }

  async predict(rows: number, [a, b]: readonly Float64Array[]): Promise<Float64Array> {
    this.calls.push(rows);
    expect([a?.length, b?.length]).toEqual([rows, rows]);
    await new Promise(setImmediate);
    return Float64Array.from({ length: rows }, (_, i) => (a?.[i] ?? Number.NaN) + (b?.[i] ?? Number.NaN));
  }

  #deliver(scored: readonly Scored<Frame>[]): void {
    for (const {
      frame: { name },
      yPred,
    } of scored)
      this.answers.set(name, [...(this.answers.get(name) ?? []), ...yPred]);
    this.#check();
  }

  #check(): void {
    if (this.answers.size + this.failures.length === this.#expected) this.#done();
  }
}

const sums = (first: number, rows: number): number[] => Array.from({ length: rows }, (_, i) => (first + i) * 11);

describe("the batcher", () => {
  test("puts what has arrived into one call, and gives each frame its own answers", async () => {
    const bench = new Bench(3);
    bench.batcher.add(frame("x", 1, 2));
    bench.batcher.add(frame("y", 100, 1));
    bench.batcher.add(frame("z", 7, 3));
    await bench.done;
    expect(bench.calls).toEqual([6]);
    expect([...bench.answers]).toEqual([
      ["x", [11, 22]],
      ["y", [1_100]],
      ["z", [77, 88, 99]],
    ]);
  });

  test("puts what arrives during a call into the next", async () => {
    const bench: Bench = new Bench(4, {
      predict: async (rows, columns) => {
        if (bench.calls.length === 0) for (const name of ["b", "c", "d"]) bench.batcher.add(frame(name, 1, 1));
        return bench.predict(rows, columns);
      },
    });
    bench.batcher.add(frame("a", 1, 1));
    await bench.done;
    expect(bench.calls).toEqual([1, 3]);
  });

  test("splits a frame that is larger than a call, and does not split one that fits into the next", async () => {
    const bench = new Bench(3, { batchRows: 4 });
    bench.batcher.add(frame("x", 1, 3));
    bench.batcher.add(frame("y", 1, 2));
    bench.batcher.add(frame("z", 1, 10));
    await bench.done;
    expect(bench.calls).toEqual([3, 2, 4, 4, 2]);
    expect(bench.answers.get("z")).toEqual(sums(1, 10));
  });

  test("gives the right answer to each row, whatever the frames, and makes no call above the cap", async () => {
    const arrival = fc.record({ rows: fc.integer({ min: 1, max: 30 }), turns: fc.integer({ min: 0, max: 2 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(arrival, { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 25 }), async (arrivals, batchRows) => {
        const bench = new Bench(arrivals.length, { batchRows });
        let first = 0;
        const expected = new Map<string, number[]>();
        for (const [i, { rows, turns }] of arrivals.entries()) {
          bench.batcher.add(frame(`f${i}`, first, rows));
          expected.set(`f${i}`, sums(first, rows));
          first += rows;
          for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
        }
        await bench.done;
        expect(bench.answers).toEqual(expected);
        expect(Math.max(...bench.calls)).toBeLessThanOrEqual(batchRows);
        expect(bench.calls.reduce((sum, rows) => sum + rows, 0)).toBe(first);
      }),
    );
  });
});

describe("BATCH_DELAY_MS", () => {
  afterEach(() => void vi.useRealTimers());

  /** A batcher whose calls take that long, and when each call began. */
  function timed(batchRows: number, batchDelayMs: number, callMs = 0) {
    vi.useFakeTimers();
    const began = performance.now();
    const calls: [at: number, rows: number][] = [];
    const batcher = new Batcher<Frame>({
      batchRows,
      batchDelayMs,
      ...scoredBy(async (rows) => {
        calls.push([performance.now() - began, rows]);
        if (callMs > 0) await new Promise((resolve) => setTimeout(resolve, callMs));
        return new Float64Array(rows);
      }),
      deliver: () => undefined,
      fail: () => expect.unreachable(),
    });
    return { batcher, calls };
  }

  test("makes a call wait for more rows, and no longer", async () => {
    const { batcher, calls } = timed(100, 50);
    batcher.add(frame("a", 1, 1));
    await vi.advanceTimersByTimeAsync(30);
    batcher.add(frame("b", 1, 1));
    await vi.advanceTimersByTimeAsync(19);
    expect(calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(calls).toEqual([[50, 2]]);
  });

  test("of 0 makes a call wait for nothing", async () => {
    const { batcher, calls } = timed(100, 0);
    batcher.add(frame("a", 1, 1));
    await vi.advanceTimersByTimeAsync(0);
    expect(calls).toEqual([[0, 1]]);
  });

  test("makes a full call wait for nothing", async () => {
    const { batcher, calls } = timed(3, 50);
    batcher.add(frame("a", 1, 2));
    await vi.advanceTimersByTimeAsync(10);
    batcher.add(frame("b", 1, 1));
    await vi.advanceTimersByTimeAsync(0);
    expect(calls).toEqual([[10, 3]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("counts from the arrival of a frame, also during a call", async () => {
    const { batcher, calls } = timed(100, 50, 40);
    batcher.add(frame("a", 1, 1));
    // The call runs from 50 to 90.
    await vi.advanceTimersByTimeAsync(60);
    batcher.add(frame("b", 1, 1));
    await vi.advanceTimersByTimeAsync(50);
    expect(calls).toEqual([
      [50, 1],
      [110, 1],
    ]);
  });

  test("is over for a frame that waited for longer than that during a call", async () => {
    const { batcher, calls } = timed(100, 50, 200);
    batcher.add(frame("a", 1, 1));
    await vi.advanceTimersByTimeAsync(60);
    batcher.add(frame("b", 1, 1));
    // The call runs from 50 to 250; the next begins in the turn of the event loop after it.
    await vi.advanceTimersByTimeAsync(191);
    expect(calls).toEqual([
      [50, 1],
      [251, 1],
    ]);
  });

  test("counts for what a full call left over", async () => {
    const { batcher, calls } = timed(3, 50);
    batcher.add(frame("a", 1, 2));
    await vi.advanceTimersByTimeAsync(20);
    batcher.add(frame("b", 1, 2));
    await vi.advanceTimersByTimeAsync(50);
    expect(calls).toEqual([
      [20, 2],
      [70, 2],
    ]);
  });
});

describe("a call that fails", () => {
  test("is repeated frame by frame, so that only those fail on which the model fails", async () => {
    const bench: Bench = new Bench(4, {
      predict: async (rows, columns) => {
        if (columns[0]?.includes(666) === true) {
          bench.calls.push(-rows);
          throw new Error("bad luck");
        }
        return bench.predict(rows, columns);
      },
    });
    for (const [name, first] of [
      ["a", 1],
      ["b", 665],
      ["c", 3],
      ["d", 4],
    ] as const)
      bench.batcher.add(frame(name, first, 2));
    await bench.done;
    expect(bench.calls).toEqual([-8, 2, -2, 2, 2]);
    expect(bench.failures).toEqual(["b: bad luck"]);
    expect([...bench.answers]).toEqual([
      ["a", [11, 22]],
      ["c", [33, 44]],
      ["d", [44, 55]],
    ]);
  });

  test("fails each of its frames where the model always fails, and the next call is made", async () => {
    let broken = true;
    const bench: Bench = new Bench(3, {
      predict: async (rows, columns) => {
        if (broken) throw new Error("no model");
        return bench.predict(rows, columns);
      },
      fail: ({ name }, error) => {
        bench.failures.push(`${name}: ${String(error)}`);
        if (bench.failures.length < 2) return;
        broken = false;
        bench.batcher.add(frame("c", 5, 1));
      },
    });
    bench.batcher.add(frame("a", 1, 1));
    bench.batcher.add(frame("b", 2, 1));
    await bench.done;
    expect(bench.failures).toEqual(["a: Error: no model", "b: Error: no model"]);
    expect([...bench.answers]).toEqual([["c", [55]]]);
  });

  test("in the middle of a large frame gives none of its answers", async () => {
    const bench: Bench = new Bench(1, {
      batchRows: 2,
      predict: async (rows, columns) => {
        if (columns[0]?.includes(3) === true) throw new Error("bad luck");
        return bench.predict(rows, columns);
      },
    });
    bench.batcher.add(frame("a", 1, 5));
    await bench.done;
    expect(bench.failures).toEqual(["a: bad luck"]);
    expect(bench.answers.size).toBe(0);
  });
});

describe("several calls", () => {
  test("are under way at once, as many as the scorer allows", async () => {
    const release: (() => void)[] = [];
    let most = 0;
    let underWay = 0;
    const bench = new Bench(5, {
      batchRows: 1,
      ...scoredBy(async (rows) => {
        most = Math.max(most, (underWay += 1));
        await new Promise<void>((resolve) => release.push(resolve));
        underWay -= 1;
        return new Float64Array(rows);
      }, 3),
    });
    for (const name of ["a", "b", "c", "d", "e"]) bench.batcher.add(frame(name, 1, 1));
    await vi.waitFor(() => expect(release).toHaveLength(3));
    for (let i = 0; i < 5; i += 1) {
      await vi.waitFor(() => expect(release.length).toBeGreaterThan(i));
      release[i]?.();
    }
    await bench.done;
    expect(most).toBe(3);
    expect([...bench.answers.keys()].toSorted()).toEqual(["a", "b", "c", "d", "e"]);
  });
});

describe("a failure that is laid to", () => {
  /** Calls that a failing batch of five frames costs, and what failed. */
  async function failing(blame: Blame) {
    const calls: number[] = [];
    const bench = new Bench(5, {
      ...scoredBy(async (rows) => {
        calls.push(rows);
        throw new ScoringError("no", { forGood: true, blame });
      }),
    });
    for (const name of ["a", "b", "c", "d", "e"]) bench.batcher.add(frame(name, 1, 1));
    await bench.done;
    expect(bench.failures).toEqual(["a: no", "b: no", "c: no", "d: no", "e: no"]);
    return calls;
  }

  test("the rows has each frame tried alone", async () => {
    expect(await failing("rows")).toEqual([5, 1, 1, 1, 1, 1]);
  });

  test("the model has none tried alone", async () => {
    expect(await failing("model")).toEqual([5]);
  });

  test("nobody in particular has two tried alone, and then no more", async () => {
    expect(await failing("unknown")).toEqual([5, 1, 1]);
  });
});
