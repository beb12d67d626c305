import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** How far a run got: everything up to here is confirmed. */
export interface Checkpoint {
  readonly run: string;
  /** Which dataset, columns and limit the run has; another run begins where they differ. */
  readonly signature: string;
  /** Rows and labels of the run that are safe at the broker. */
  readonly rows: number;
  /** The same within the current pass over the dataset. */
  readonly position: number;
  /** Whether the run sent all of its rows. */
  readonly finished: boolean;
}

/** The checkpoint of an unfinished run with this signature; undefined where there is none, or it is unreadable. */
export function readCheckpoint(path: string, signature: string): Checkpoint | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const checkpoint: Checkpoint = JSON.parse(readFileSync(path, "utf8"));
    const sound = typeof checkpoint.run === "string" && Number.isSafeInteger(checkpoint.rows) && Number.isSafeInteger(checkpoint.position);
    return sound && checkpoint.signature === signature && !checkpoint.finished ? checkpoint : undefined;
  } catch {
    // A checkpoint that cannot be read costs nothing but a new run; its rows have ids of their own.
    return undefined;
  }
}

/** Replaces the checkpoint as a whole: a crash leaves the old one or the new one. */
export function writeCheckpoint(path: string, checkpoint: Checkpoint): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.new`;
  const fd = openSync(temporary, "w");
  try {
    writeSync(fd, JSON.stringify(checkpoint));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
}

/** Finds out up to where everything is confirmed, though confirms come in any order. */
export class ConfirmedUpTo<T> {
  readonly #open: { readonly mark: T; waiting: number }[] = [];
  #mark: T | undefined;

  /** Notes something that wants `parts` confirms; call what it returns once for each. Marks are passed in order. */
  expect(mark: T, parts: number): () => void {
    const entry = { mark, waiting: parts };
    this.#open.push(entry);
    return () => {
      entry.waiting -= 1;
      while (this.#open[0]?.waiting === 0) this.#mark = this.#open.shift()?.mark;
    };
  }

  /** The last mark before which, and including which, everything is confirmed. */
  get mark(): T | undefined {
    return this.#mark;
  }
}
