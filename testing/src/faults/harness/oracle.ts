import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { parse } from "csv-parse";
import type { Truth } from "./truth.js";

/** What an undisturbed run would have logged. */
export interface Expected {
  /** Rows of runs of the source: `<run>-0000000001` and so on, over the diabetes rows in their order. */
  readonly runs: readonly { readonly run: string; readonly rows: number }[];
  /** Other ids, and the row of the study (from 0) that each carries. */
  readonly others: ReadonlyMap<string, number>;
}

/** How a log differs from what was expected. All but `rows` are 0 if nothing went wrong. */
export interface Comparison {
  readonly rows: number;
  readonly lost: number;
  readonly doubled: number;
  readonly unexpected: number;
  /** Lines with another y_true, y_pred or absolute error than the study and the model have. */
  readonly wrong: number;
  /** A few of them, for diagnosis. */
  readonly examples: readonly string[];
}

/** Float32 sums differ in their last bits with the rows that are scored in one call. */
const TOLERANCE = 1e-5;
const EXAMPLES = 10;

/** The highest number of each run in the logs: a source that was killed has sent more than its checkpoint says. */
export async function highestRows(paths: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const highest = new Map<string, number>();
  for (const path of paths)
    for await (const line of createInterface({ input: createReadStream(path) })) {
      const [, run, digits] = /^([^-,"]+)-(\d{10}),/.exec(line) ?? [];
      if (run !== undefined) highest.set(run, Math.max(highest.get(run) ?? 0, Number(digits)));
    }
  return highest;
}

/** Compares the logs of all partitions with what was expected. */
export async function compareLogs(paths: readonly string[], expected: Expected, truth: Truth): Promise<Comparison> {
  const check = new LogCheck(expected, truth);
  for (const path of paths) {
    const records = createReadStream(path).pipe(parse({ from_line: 2, relax_column_count: true }));
    for await (const record of records as AsyncIterable<string[]>) check.add(record);
  }
  return check.result();
}

class LogCheck {
  readonly #truth: Truth;
  readonly #expected: Expected;
  readonly #seen = new Map<string, Uint8Array>();
  readonly #others = new Set<string>();
  readonly #found = { rows: 0, lost: 0, doubled: 0, unexpected: 0, wrong: 0 };
  readonly #examples: string[] = [];

  constructor(expected: Expected, truth: Truth) {
    this.#expected = expected;
    this.#truth = truth;
    for (const { run, rows } of expected.runs) this.#seen.set(run, new Uint8Array(rows + 1));
  }

  add([id = "", ...values]: readonly string[]): void {
    const row = this.#rowOf(id);
    if (row === undefined) this.#count("unexpected", id);
    else if (row === "doubled") this.#count("doubled", id);
    else {
      this.#found.rows += 1;
      if (!this.#isRight(row, values.map(Number))) this.#count("wrong", `${id},${values.join(",")}`);
    }
  }

  /** The study's row of an id; undefined if it was never sent. */
  #rowOf(id: string): number | "doubled" | undefined {
    const other = this.#expected.others.get(id);
    if (other !== undefined) {
      if (this.#others.has(id)) return "doubled";
      this.#others.add(id);
      return other;
    }
    const [run = "", digits = ""] = id.split("-");
    const number = /^\d{10}$/.test(digits) ? Number(digits) : 0;
    const seen = this.#seen.get(run);
    const there = seen?.[number];
    if (seen === undefined || there === undefined || number === 0) return undefined;
    if (there === 1) return "doubled";
    seen[number] = 1;
    return (number - 1) % this.#truth.yTrue.length;
  }

  #isRight(row: number, [yTrue = Number.NaN, yPred = Number.NaN, error]: readonly number[]): boolean {
    const answer = this.#truth.yPred[row] ?? Number.NaN;
    const near = Math.abs(yPred - answer) <= TOLERANCE * Math.abs(answer);
    return near && yTrue === this.#truth.yTrue[row] && error === Math.abs(yTrue - yPred);
  }

  #count(what: "lost" | "doubled" | "unexpected" | "wrong", example: string): void {
    this.#found[what] += 1;
    if (this.#examples.length < EXAMPLES) this.#examples.push(`${what}: ${example}`);
  }

  result(): Comparison {
    for (const [run, seen] of this.#seen) {
      for (let number = 1; number < seen.length; number += 1) if (seen[number] === 0) this.#count("lost", `${run}, row ${number}`);
    }
    for (const id of this.#expected.others.keys()) if (!this.#others.has(id)) this.#count("lost", id);
    return { ...this.#found, examples: this.#examples };
  }
}
