import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { failpoint } from "@streamgauge/core";

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

/** A checkpoint that cannot be read. It costs nothing but a new run, whose rows have ids of their own. */
export class CheckpointError extends Error {
  override readonly name = "CheckpointError";
  readonly path: string;

  constructor(path: string, options?: ErrorOptions) {
    super(`The checkpoint ${path} cannot be read.`, options);
    this.path = path;
  }
}

/**
 * The checkpoint of an unfinished run; undefined where there is none.
 *
 * @throws CheckpointError where there is something else.
 */
export function readCheckpoint(path: string): Checkpoint | undefined {
  if (!existsSync(path)) return undefined;
  const checkpoint = parsed(path);
  return checkpoint.finished ? undefined : checkpoint;
}

function parsed(path: string): Checkpoint {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new CheckpointError(path, { cause: error });
  }
  if (!isCheckpoint(value)) throw new CheckpointError(path);
  return value;
}

function isCheckpoint(value: unknown): value is Checkpoint {
  const { run, signature, rows, position, finished }: Partial<Record<keyof Checkpoint, unknown>> = Object(value);
  return (
    typeof run === "string" &&
    run !== "" &&
    typeof signature === "string" &&
    isCount(rows) &&
    isCount(position) &&
    typeof finished === "boolean"
  );
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** Replaces the checkpoint as a whole: a crash leaves the old one or the new one. */
export function writeCheckpoint(path: string, checkpoint: Checkpoint): void {
  mkdirSync(dirname(path), { recursive: true });
  const beside = `${path}.new`;
  const fd = openSync(beside, "w");
  try {
    writeFileSync(fd, JSON.stringify(checkpoint));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  failpoint("features-before-checkpoint");
  renameSync(beside, path);
  failpoint("features-after-checkpoint");
}
