import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ScoringError, type Blame } from "../session/scorer.js";
import { Batcher, type BatcherOptions } from "./batcher.js";

interface Frame {
  readonly name: string;
  readonly first: number;
  readonly rows: number;
}

/** A frame whose row i has the value `first + i`. */
function frame(name: string, first: number, rows: number): Frame {
  return { name, first, rows };
}

const rowsOf = (frames: readonly Frame[]): number => frames.reduce((sum, { rows }) => sum + rows, 0);
const holds = ({ first, rows }: Frame, value: number): boolean => value >= first && value < first + rows;

type Options = Partial<BatcherOptions<Frame, number[]>>;

/** A batcher that gives each row eleven times its value, and what came of it. */
class Bench {
  /** Rows of each batch. */
  readonly calls: number[] = [];
  readonly results = new Map<string, number[]>();
  readonly failures: string[] = [];
  readonly batcher: Batcher<Frame, number[]>;
  readonly #added: Promise<void>[] = [];

  constructor(options: Options = {}) {
    this.batcher = new Batcher({
      batchRows: 1_000,
      batchDelayMs: 0,
      concurrency: () => 1,
      score: (frames) => this.score(frames),
      ...options,
    });
  }

  add(name: string, first: number, rows: number): void {
    this.#added.push(
      this.batcher.add(frame(name, first, rows)).then(
        (result) => void this.results.set(name, result),
        (error: Error) => void this.failures.push(`${name}: ${error.message}`),
      ),
    );
  }

  async score(frames: readonly Frame[]): Promise<number[][]> {
    this.calls.push(rowsOf(frames));
    await new Promise(setImmediate);
    return frames.map(({ first, rows }) => sums(first, rows));
  }

  /** Resolves when every frame has its result, those too that were added meanwhile. */
  async done(): Promise<void> {
    for (const added of this.#added) await added;
  }
}

const sums = (first: number, rows: number): number[] => Array.from({ length: rows }, (_, i) => (first + i) * 11);

describe("the batcher", () => {
  test("puts what has arrived into one call, and gives each frame its own answers", async () => {
    const bench = new Bench();
    bench.add("x", 1, 2);
    bench.add("y", 100, 1);
    bench.add("z", 7, 3);
    await bench.done();
    expect(bench.calls).toEqual([6]);
    expect([...bench.results]).toEqual([
      ["x", [11, 22]],
      ["y", [1_100]],
      ["z", [77, 88, 99]],
    ]);
  });

  test("puts what arrives during a call into the next", async () => {
    const bench: Bench = new Bench({
      score: (frames) => {
        if (bench.calls.length === 0) for (const name of ["b", "c", "d"]) bench.add(name, 1, 1);
        return bench.score(frames);
      },
    });
    bench.add("a", 1, 1);
    await bench.done();
    expect(bench.calls).toEqual([1, 3]);
  });

  test("gives a frame that is larger than a batch one of its own, and puts none in two", async () => {
    const bench = new Bench({ batchRows: 4 });
    bench.add("x", 1, 3);
    bench.add("y", 1, 2);
    bench.add("z", 1, 10);
    await bench.done();
    expect(bench.calls).toEqual([3, 2, 10]);
    expect(bench.results.get("z")).toEqual(sums(1, 10));
  });

  test("gives each frame its own result, whatever the frames, and makes no batch of several above the cap", async () => {
    const arrival = fc.record({ rows: fc.integer({ min: 1, max: 30 }), turns: fc.integer({ min: 0, max: 2 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(arrival, { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 25 }), async (arrivals, batchRows) => {
        const bench = new Bench({ batchRows });
        let first = 0;
        const expected = new Map<string, number[]>();
        for (const [i, { rows, turns }] of arrivals.entries()) {
          bench.add(`f${i}`, first, rows);
          expected.set(`f${i}`, sums(first, rows));
          first += rows;
          for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
        }
        await bench.done();
        expect(bench.results).toEqual(expected);
        for (const rows of bench.calls.filter((call) => call > batchRows)) expect(arrivals.map((each) => each.rows)).toContain(rows);
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
    const score = async (frames: readonly Frame[]) => {
      calls.push([performance.now() - began, rowsOf(frames)]);
      if (callMs > 0) await new Promise((resolve) => setTimeout(resolve, callMs));
      return frames.map(() => []);
    };
    const batcher = new Batcher<Frame, number[]>({ batchRows, batchDelayMs, concurrency: () => 1, score });
    return { batcher, calls };
  }

  test("makes a call wait for more rows, and no longer", async () => {
    const { batcher, calls } = timed(100, 50);
    void batcher.add(frame("a", 1, 1));
    await vi.advanceTimersByTimeAsync(30);
    void batcher.add(frame("b", 1, 1));
    await vi.advanceTimersByTimeAsync(19);
    expect(calls).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(calls).toEqual([[50, 2]]);
  });

  test("of 0 makes a call wait for nothing", async () => {
    const { batcher, calls } = timed(100, 0);
    void batcher.add(frame("a", 1, 1));
    await vi.advanceTimersByTimeAsync(0);
    expect(calls).toEqual([[0, 1]]);
  });

  test("makes a full call wait for nothing", async () => {
    const { batcher, calls } = timed(3, 50);
    void batcher.add(frame("a", 1, 2));
    await vi.advanceTimersByTimeAsync(10);
    void batcher.add(frame("b", 1, 1));
    await vi.advanceTimersByTimeAsync(0);
    expect(calls).toEqual([[10, 3]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("counts from the arrival of a frame, also during a call", async () => {
    const { batcher, calls } = timed(100, 50, 40);
    void batcher.add(frame("a", 1, 1));
    // The call runs from 50 to 90.
    await vi.advanceTimersByTimeAsync(60);
    void batcher.add(frame("b", 1, 1));
    await vi.advanceTimersByTimeAsync(50);
    expect(calls).toEqual([
      [50, 1],
      [110, 1],
    ]);
  });

  test("is over for a frame that waited for longer than that during a call", async () => {
    const { batcher, calls } = timed(100, 50, 200);
    void batcher.add(frame("a", 1, 1));
    await vi.advanceTimersByTimeAsync(60);
    void batcher.add(frame("b", 1, 1));
    // The call runs from 50 to 250; the next begins in the turn of the event loop after it.
    await vi.advanceTimersByTimeAsync(191);
    expect(calls).toEqual([
      [50, 1],
      [251, 1],
    ]);
  });

  test("counts for what a full call left over", async () => {
    const { batcher, calls } = timed(3, 50);
    void batcher.add(frame("a", 1, 2));
    await vi.advanceTimersByTimeAsync(20);
    void batcher.add(frame("b", 1, 2));
    await vi.advanceTimersByTimeAsync(50);
    expect(calls).toEqual([
      [20, 2],
      [70, 2],
    ]);
  });
});

describe("a call that fails", () => {
  test("is repeated frame by frame, so that only those fail on which the model fails", async () => {
    const bench: Bench = new Bench({
      score: async (frames) => {
        if (frames.some((each) => holds(each, 666))) {
          bench.calls.push(-rowsOf(frames));
          throw new Error("bad luck");
        }
        return bench.score(frames);
      },
    });
    for (const [name, first] of [
      ["a", 1],
      ["b", 665],
      ["c", 3],
      ["d", 4],
    ] as const)
      bench.add(name, first, 2);
    await bench.done();
    expect(bench.calls).toEqual([-8, 2, -2, 2, 2]);
    expect(bench.failures).toEqual(["b: bad luck"]);
    expect([...bench.results]).toEqual([
      ["a", [11, 22]],
      ["c", [33, 44]],
      ["d", [44, 55]],
    ]);
  });

  test("fails each of its frames if the model always fails, and the next is made", async () => {
    let broken = true;
    const bench: Bench = new Bench({
      score: async (frames) => {
        if (broken) throw new Error("no model");
        return bench.score(frames);
      },
    });
    bench.add("a", 1, 1);
    bench.add("b", 2, 1);
    await bench.done();
    expect(bench.failures).toEqual(["a: no model", "b: no model"]);
    broken = false;
    bench.add("c", 5, 1);
    await bench.done();
    expect([...bench.results]).toEqual([["c", [55]]]);
  });
});

describe("several calls", () => {
  test("are under way at once, as many as the scorer allows", async () => {
    const release: (() => void)[] = [];
    let most = 0;
    let underWay = 0;
    const bench = new Bench({
      batchRows: 1,
      concurrency: () => 3,
      score: async (frames) => {
        most = Math.max(most, (underWay += 1));
        await new Promise<void>((resolve) => release.push(resolve));
        underWay -= 1;
        return frames.map(() => []);
      },
    });
    for (const name of ["a", "b", "c", "d", "e"]) bench.add(name, 1, 1);
    await vi.waitFor(() => expect(release).toHaveLength(3));
    for (let i = 0; i < 5; i += 1) {
      await vi.waitFor(() => expect(release.length).toBeGreaterThan(i));
      release[i]?.();
    }
    await bench.done();
    expect(most).toBe(3);
    expect([...bench.results.keys()].toSorted()).toEqual(["a", "b", "c", "d", "e"]);
  });
});

describe("a failure is attributed to", () => {
  /** Calls that a failing batch of five frames costs, and what failed. */
  async function failing(blame: Blame) {
    const calls: number[] = [];
    const bench = new Bench({
      score: async (frames) => {
        calls.push(rowsOf(frames));
        throw new ScoringError("no", { forGood: true, blame });
      },
    });
    for (const name of ["a", "b", "c", "d", "e"]) bench.add(name, 1, 1);
    await bench.done();
    expect(bench.failures).toEqual(["a: no", "b: no", "c: no", "d: no", "e: no"]);
    return calls;
  }

  test("the rows has each frame tried alone", async () => {
    expect(await failing("rows")).toEqual([5, 1, 1, 1, 1, 1]);
  });

  test("the model has none tried alone", async () => {
    expect(await failing("model")).toEqual([5]);
  });

  test("a failure that is no row's own has two tried alone, and then no more", async () => {
    expect(await failing("unknown")).toEqual([5, 1, 1]);
  });
});
