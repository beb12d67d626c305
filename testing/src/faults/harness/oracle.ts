import { logRecords, type LogRecord } from "./log-records.js";
import { NumberSet } from "./number-set.js";
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
/** Of a row's number in the ids of a source. */
const DIGITS = 10;
/** Values of a row that are remembered as right: as many as calls of the model differ in their last bits. */
const REMEMBERED = 64;

/** The highest number of each run in the logs: a source that was killed has sent more than its checkpoint says. */
export async function highestRows(paths: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const highest = new Map<string, number>();
  for (const path of paths)
    for await (const records of logRecords(path))
      for (const { id } of records) {
        const { run, number } = numbered(id) ?? { run: "", number: 0 };
        if (number > (highest.get(run) ?? 0)) highest.set(run, number);
      }
  return highest;
}

/** The run and the number in an id of a source, `<run>-0000000001`; undefined if it is another id. */
function numbered(id: string): { readonly run: string; readonly number: number } | undefined {
  const dash = id.length - DIGITS - 1;
  if (id[dash] !== "-") return undefined;
  const [run, digits] = [id.slice(0, dash), id.slice(dash + 1)];
  return run.includes("-") || !/^\d+$/.test(digits) ? undefined : { run, number: Number(digits) };
}

/** Compares the logs of all partitions with what was expected. */
export async function compareLogs(paths: readonly string[], expected: Expected, truth: Truth): Promise<Comparison> {
  const check = new LogCheck(expected, truth);
  for (const path of paths) for await (const records of logRecords(path)) for (const record of records) check.add(record);
  return check.result();
}

class LogCheck {
  readonly #truth: Truth;
  readonly #expected: Expected;
  readonly #seen = new Map<string, NumberSet>();
  readonly #others = new Set<string>();
  readonly #found = { rows: 0, lost: 0, doubled: 0, unexpected: 0, wrong: 0 };
  readonly #examples: string[] = [];
  /** By the study's row: reading the same numbers a hundred thousand times would take most of the time. */
  readonly #right = new Map<number, Set<string>>();

  constructor(expected: Expected, truth: Truth) {
    this.#expected = expected;
    this.#truth = truth;
    for (const { run, rows } of expected.runs) this.#seen.set(run, new NumberSet(rows));
  }

  add({ id, values }: LogRecord): void {
    const row = this.#rowOf(id);
    if (row === undefined) this.#count("unexpected", id);
    else if (row === "doubled") this.#count("doubled", id);
    else {
      this.#found.rows += 1;
      if (!this.#isRight(row, values)) this.#count("wrong", `${id},${values}`);
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
    const { run, number } = numbered(id) ?? { run: "", number: 0 };
    const seen = this.#seen.get(run);
    if (seen === undefined || number < 1 || number > seen.greatest) return undefined;
    return seen.add(number) ? (number - 1) % this.#truth.yTrue.length : "doubled";
  }

  #isRight(row: number, values: string): boolean {
    const right = this.#right.get(row) ?? new Set();
    this.#right.set(row, right);
    if (right.has(values)) return true;
    const [yTrue = Number.NaN, yPred = Number.NaN, error] = values.split(",").map(Number);
    const answer = this.#truth.yPred[row] ?? Number.NaN;
    const near = Math.abs(yPred - answer) <= TOLERANCE * Math.abs(answer);
    const isRight = near && yTrue === this.#truth.yTrue[row] && error === Math.abs(yTrue - yPred);
    if (isRight && right.size < REMEMBERED) right.add(values);
    return isRight;
  }

  #count(what: "lost" | "doubled" | "unexpected" | "wrong", example: string): void {
    this.#found[what] += 1;
    if (this.#examples.length < EXAMPLES) this.#examples.push(`${what}: ${example}`);
  }

  result(): Comparison {
    for (const [run, seen] of this.#seen) for (const number of seen.missing()) this.#count("lost", `${run}, row ${number}`);
    for (const id of this.#expected.others.keys()) if (!this.#others.has(id)) this.#count("lost", id);
    return { ...this.#found, examples: this.#examples };
  }
}
