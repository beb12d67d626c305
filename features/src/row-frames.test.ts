import fc from "fast-check";
import { pythonFloat, type FeaturesFrame } from "@streamgauge/core";
import { describe, expect, test } from "vitest";
import { Dataset } from "./dataset.js";
import { csvFile } from "@streamgauge/testing/vitest";
import { rowFrames, type RowFrame } from "./row-frames.js";
import { RowReader } from "./row-reader.js";

const START = { rows: 0, position: 0, shift: 0 };

/** A file whose row i is `i,10 i`, from 1. */
function numbered(rows: number): Dataset {
  return open(`a,y\n${Array.from({ length: rows }, (_, i) => `${i + 1},${(i + 1) * 10}\n`).join("")}`);
}

function open(content: string, idColumn = "", timeColumn = ""): Dataset {
  return new Dataset({ path: csvFile(content), targetColumn: "y", idColumn, timeColumn, onMalformed: () => undefined });
}

/** A file whose rows happened at these seconds since 1970. */
function timed(...seconds: readonly number[]): Dataset {
  return open(`t,a,y\n${seconds.map((second, i) => `${second},${i},1\n`).join("")}`, "", "t");
}

/** The first `count` frames as far as they come. */
async function frames(
  dataset: Pick<Dataset, "pass">,
  { frameRows, rowLimit = 0, from = START, spanMs }: { frameRows: number; rowLimit?: number; from?: typeof START; spanMs?: number },
  count = Infinity,
): Promise<RowFrame[]> {
  const taken: RowFrame[] = [];
  for await (const frame of rowFrames({ dataset, run: "r", frameRows, rowLimit, from, spanMs })) {
    taken.push(frame);
    if (taken.length === count) break;
  }
  return taken;
}

function summary({ features, labels, rows, position }: RowFrame) {
  const numbers = features.ids.toArray().map((id) => Number(id.slice(2)));
  return { numbers, a: [...(features.columns.get("a") ?? [])], y: [...labels.y_true], rows, position };
}

describe("frames", () => {
  test("of one row", async () => {
    expect((await frames(numbered(2), { frameRows: 1, rowLimit: 3 })).map(summary)).toEqual([
      { numbers: [1], a: [1], y: [10], rows: 1, position: 1 },
      { numbers: [2], a: [2], y: [20], rows: 2, position: 2 },
      { numbers: [3], a: [1], y: [10], rows: 3, position: 1 },
    ]);
  });

  test("go across the end of a pass, and the last may be short", async () => {
    expect((await frames(numbered(5), { frameRows: 4, rowLimit: 11 })).map(summary)).toEqual([
      { numbers: [1, 2, 3, 4], a: [1, 2, 3, 4], y: [10, 20, 30, 40], rows: 4, position: 4 },
      { numbers: [5, 6, 7, 8], a: [5, 1, 2, 3], y: [50, 10, 20, 30], rows: 8, position: 3 },
      { numbers: [9, 10, 11], a: [4, 5, 1], y: [40, 50, 10], rows: 11, position: 1 },
    ]);
  });

  test("may be larger than several passes", async () => {
    const [frame] = await frames(numbered(3), { frameRows: 8 }, 1);
    expect(frame && summary(frame)).toEqual({
      numbers: [1, 2, 3, 4, 5, 6, 7, 8],
      a: [1, 2, 3, 1, 2, 3, 1, 2],
      y: [10, 20, 30, 10, 20, 30, 10, 20],
      rows: 8,
      position: 2,
    });
  });

  test("go across blocks", async () => {
    const taken = await frames(numbered(10_000), { frameRows: 3_000, rowLimit: 10_000 });
    expect(taken.map(({ rows, position }) => [rows, position])).toEqual([
      [3_000, 3_000],
      [6_000, 6_000],
      [9_000, 9_000],
      [10_000, 10_000],
    ]);
    expect(taken.flatMap((frame) => summary(frame).a)).toEqual(Array.from({ length: 10_000 }, (_, i) => i + 1));
  });

  test("end at the limit, exactly at the end of a frame and of a pass", async () => {
    expect((await frames(numbered(4), { frameRows: 2, rowLimit: 8 })).map(({ rows }) => rows)).toEqual([2, 4, 6, 8]);
  });

  test("without a limit do not end", async () => {
    expect((await frames(numbered(2), { frameRows: 1 }, 1_000)).at(-1)?.rows).toBe(1_000);
  });

  test("have the dataset's ids, which come again in each pass", async () => {
    const taken = await frames(open("id,a,y\nx,1,1\ny,2,2\nz,3,3\n", "id"), { frameRows: 2, rowLimit: 5 });
    expect(taken.map(({ labels }) => labels.ids.toArray())).toEqual([["x", "y"], ["z", "x"], ["y"]]);
    expect(taken[1]?.features.ids.toArray()).toEqual(["z", "x"]);
  });

  test("have text and missing cells, and numbers only if all cells are numbers", async () => {
    const dataset = open("a,b,y\n1,red,1\n,blue,2\n3,red,3\n4,red,4\n");
    const [one, other] = await frames(dataset, { frameRows: 2, rowLimit: 4 });
    expect([one?.features.columns.get("a"), one?.features.columns.get("b")]).toEqual([
      [1, null],
      ["red", "blue"],
    ]);
    expect([other?.features.columns.get("a"), other?.features.columns.get("b")]).toEqual([Float64Array.of(3, 4), ["red", "red"]]);
    const [joined] = await frames(dataset, { frameRows: 6 }, 1);
    expect(joined?.features.columns.get("a")).toEqual([1, null, 3, 4, 1, null]);
  });
});

describe("a run that goes on", () => {
  test.each([
    [{ rows: 4, position: 4, shift: 0 }, [5, 6, 7, 8, 9, 10, 11], [5, 1, 2, 3, 4, 5, 1]],
    [{ rows: 5, position: 5, shift: 0 }, [6, 7, 8, 9, 10, 11], [1, 2, 3, 4, 5, 1]],
    [{ rows: 8, position: 3, shift: 0 }, [9, 10, 11], [4, 5, 1]],
    [{ rows: 11, position: 1, shift: 0 }, [], []],
  ])("after %j sends the rest", async (from, numbers, a) => {
    const rest = (await frames(numbered(5), { frameRows: 4, rowLimit: 11, from })).map(summary);
    expect(rest.flatMap((frame) => frame.numbers)).toEqual(numbers);
    expect(rest.flatMap((frame) => frame.a)).toEqual(a);
  });

  test("in the middle of a block", async () => {
    const from = { rows: 4_099, position: 4_099, shift: 0 };
    const [frame] = await frames(numbered(10_000), { frameRows: 2, from }, 1);
    expect(frame && summary(frame)).toEqual({
      numbers: [4_100, 4_101],
      a: [4_100, 4_101],
      y: [41_000, 41_010],
      rows: 4_101,
      position: 4_101,
    });
  });

  test("after any of its frames goes on with the very next row", async () => {
    const dataset = numbered(7);
    const all = await frames(dataset, { frameRows: 3, rowLimit: 25 });
    const whole = all.flatMap((frame) => summary(frame).a);
    for (const { rows, position } of all) {
      const rest = await frames(dataset, { frameRows: 5, rowLimit: 25, from: { rows, position, shift: 0 } });
      expect(rest.flatMap((frame) => summary(frame).a)).toEqual(whole.slice(rows));
    }
  });
});

describe("event times", () => {
  /** The times of each frame, in s. */
  const secondsOf = (taken: readonly RowFrame[]) =>
    taken.map(({ features }) => [...(features.eventTimes ?? [])].map((time) => time / 1_000));

  test("are those of the dataset, and none if it has none", async () => {
    const [frame] = await frames(timed(5, 7.5, 6), { frameRows: 3 }, 1);
    expect(frame?.features.eventTimes).toEqual(Float64Array.of(5_000, 7_500, 6_000));
    expect([...(frame?.features.columns.keys() ?? [])]).toEqual(["a"]);
    const [without] = await frames(numbered(3), { frameRows: 3 }, 1);
    expect(without?.features.eventTimes).toBeUndefined();
  });

  test("go on in each pass, later by the length of the dataset and its least step", async () => {
    // From 10 to 40 s, and the least step is 5 s: a pass takes 35 s.
    const taken = await frames(timed(20, 10, 40, 35), { frameRows: 3, rowLimit: 10 });
    expect(secondsOf(taken)).toEqual([[20, 10, 40], [35, 55, 45], [75, 70, 90], [80]]);
    expect(taken.map(({ shift }) => shift)).toEqual([0, 35_000, 70_000, 70_000]);
  });

  test("of one instant stay there", async () => {
    expect(secondsOf(await frames(timed(7, 7), { frameRows: 2, rowLimit: 4 }))).toEqual([
      [7, 7],
      [7, 7],
    ]);
  });

  test("begin again after the year 9999", async () => {
    // The last day but one: a pass takes 24 hours.
    const [midnight, noon] = [Date.UTC(9999, 11, 30), Date.UTC(9999, 11, 30, 12)];
    const lines = [midnight, noon].map((time) => `${new Date(time).toISOString()},1,1\n`).join("");
    const taken = await frames(open(`t,a,y\n${lines}`, "", "t"), { frameRows: 1, rowLimit: 6 });
    const day = 24 * 3_600_000;
    expect(taken.map(({ features }) => features.eventTimes?.[0])).toEqual([midnight, noon, midnight + day, noon + day, midnight, noon]);
  });

  test("go on after any frame as they would have without the break", async () => {
    const dataset = timed(20, 10, 40, 35, 36);
    const all = await frames(dataset, { frameRows: 3, rowLimit: 25 });
    const whole = secondsOf(all).flat();
    for (const { rows, position, shift } of all) {
      const rest = await frames(dataset, { frameRows: 4, rowLimit: 25, from: { rows, position, shift } });
      expect(secondsOf(rest).flat()).toEqual(whole.slice(rows));
    }
  });

  test("end a frame before they lie further apart than they may, across blocks and passes", async () => {
    // A pass takes 31 s. 9 comes behind 10, and leaves with it.
    const taken = await frames(timed(0, 1, 2, 3, 10, 9, 11, 30), { frameRows: 5, rowLimit: 12, spanMs: 2_000 });
    expect(secondsOf(taken)).toEqual([[0, 1, 2], [3], [10, 9, 11], [30, 31, 32], [33, 34]]);
    expect(taken.map(({ rows, position }) => [rows, position])).toEqual([
      [3, 3],
      [4, 4],
      [7, 7],
      [10, 2],
      [12, 4],
    ]);
    const dataset = open(`t,a,y\n${"1,1,1\n".repeat(5_000)}9,1,1\n`, "", "t");
    const long = await frames(dataset, { frameRows: 10_000, rowLimit: 5_001, spanMs: 0 });
    expect(long.map(({ rows }) => rows)).toEqual([5_000, 5_001]);
  });
});

describe("columns in which Python wrote floats", () => {
  const floats = (rows: number) => open(`a,y\n${Array.from({ length: rows }, (_, i) => `${i}.0,1\n`).join("")}`);

  test("are numbers in every frame, within a pass and across its end", async () => {
    for (const frameRows of [1, 2, 5]) {
      const taken = await frames(floats(3), { frameRows, rowLimit: 10 });
      expect(taken.flatMap((frame) => summary(frame).a)).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0]);
      for (const { features } of taken)
        expect([features.columns.get("a"), features.pythonFloats]).toEqual([expect.any(Float64Array), new Set(["a"])]);
    }
  });

  /** A dataset of these texts in blocks of these sizes. */
  function inBlocks(texts: readonly (readonly string[])[], sizes: readonly number[]): Pick<Dataset, "pass"> {
    const reader = new RowReader("", ["a", "b", "y"], { targetColumn: "y", idColumn: "" });
    const rest = [...texts];
    const blocks = [...sizes, texts.length].map((size) => {
      for (const [a = "", b = ""] of rest.splice(0, size)) expect(reader.add([a, b, "1"])).toBeUndefined();
      return reader.take();
    });
    return {
      async *pass() {
        yield* blocks.filter(({ rows }) => rows > 0);
      },
    };
  }

  /** What a reader takes the cells of a column for, as text. */
  function textsOf({ columns, pythonFloats }: FeaturesFrame, name: string): string[] {
    const spell = pythonFloats?.has(name) === true ? pythonFloat : String;
    return Array.from(columns.get(name) ?? [], (cell) => (cell === null ? "" : typeof cell === "number" ? spell(cell) : cell));
  }

  test("and all others keep the text of each cell, whatever the blocks and frames", async () => {
    const cell = fc.oneof(
      { weight: 6, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map(pythonFloat) },
      { weight: 6, arbitrary: fc.integer({ min: -99, max: 99 }).map(pythonFloat) },
      { weight: 1, arbitrary: fc.constantFrom("", "59", "0.5", "red", "nan", "01", "1e3", "-0.0", "1e+16", "10000000000000000") },
    );
    const rows = fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 12 });
    const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });
    let floats = 0;
    await fc.assert(
      fc.asyncProperty(rows, sizes, fc.integer({ min: 1, max: 15 }), async (texts, blocks, frameRows) => {
        const taken = await frames(inBlocks(texts, blocks), { frameRows, rowLimit: 30 });
        for (const [at, name] of ["a", "b"].entries()) {
          const wanted = Array.from({ length: 30 }, (_, row) => texts[row % texts.length]?.[at] ?? "");
          expect(taken.flatMap(({ features }) => textsOf(features, name))).toEqual(wanted);
        }
        for (const { features } of taken) {
          for (const name of features.pythonFloats ?? []) {
            expect([...(features.columns.get(name) ?? [])].filter((each) => typeof each === "string")).toEqual([]);
            floats += 1;
          }
        }
      }),
      { numRuns: 500 },
    );
    expect(floats).toBeGreaterThan(100);
  });
});
