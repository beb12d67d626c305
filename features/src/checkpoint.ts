import { existsSync, readFileSync } from "node:fs";
import { failpoint, LaterVersionError, replaceFile, SavedFormat } from "@streamgauge/core";
import Type from "typebox";

/** How far a run got: everything up to here is confirmed. */
export interface Checkpoint {
  readonly run: string;
  /** Which dataset, columns and limit the run has; a difference starts a new run. */
  readonly signature: string;
  /** Rows and labels of the run that are safe at the broker. */
  readonly rows: number;
  /** The same within the current pass over the dataset. */
  readonly position: number;
  /** ms by which event times of the current pass are later than in the dataset. */
  readonly shift: number;
  /** Whether the run sent all of its rows. */
  readonly finished: boolean;
}

/** A checkpoint that cannot be read. The next start begins a new run with new ids. */
export class CheckpointError extends Error {
  override readonly name = "CheckpointError";
  readonly path: string;

  constructor(path: string, options?: ErrorOptions) {
    super(`The checkpoint ${path} cannot be read.`, options);
    this.path = path;
  }
}

/**
 * The checkpoint of an unfinished run; undefined if there is none.
 *
 * @throws CheckpointError if the file is not a checkpoint; LaterVersionError.
 */
export function readCheckpoint(path: string): Checkpoint | undefined {
  if (!existsSync(path)) return undefined;
  const checkpoint = parsed(path);
  return checkpoint.finished ? undefined : checkpoint;
}

/** The stored form of a checkpoint. */
interface SavedCheckpoint extends Checkpoint {
  readonly version: 3;
}

const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const FORMAT = new SavedFormat<SavedCheckpoint>({
  what: "The checkpoint of the source",
  version: 3,
  schema: Type.Object({
    version: Type.Literal(3),
    run: Type.String({ minLength: 1 }),
    signature: Type.String(),
    rows: count,
    position: count,
    shift: count,
    finished: Type.Boolean(),
  }),
  upgrades: {
    // It did not name its version.
    1: (older) => ({ ...Object(older), version: 2 }),
    // It knew no event times.
    2: (older) => ({ ...Object(older), version: 3, shift: 0 }),
  },
});

function parsed(path: string): Checkpoint {
  try {
    const { version: _, ...checkpoint } = FORMAT.read(readFileSync(path, "utf8"));
    return checkpoint;
  } catch (error) {
    if (error instanceof LaterVersionError) throw error;
    throw new CheckpointError(path, { cause: error });
  }
}

/** Replaces the checkpoint atomically: a crash leaves the old one or the new one. */
export function writeCheckpoint(path: string, checkpoint: Checkpoint): void {
  replaceFile(path, FORMAT.write({ version: 3, ...checkpoint }), () => failpoint("features-before-checkpoint"));
  failpoint("features-after-checkpoint");
}
