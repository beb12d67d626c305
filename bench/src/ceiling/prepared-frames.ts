import { readFileSync, writeFileSync } from "node:fs";
import { deserialize, serialize } from "node:v8";
import type { Message } from "@streamgauge/core";

/** The messages of a case, encoded by the services' own code, for processes that only send and receive them. */
export interface PreparedFrames {
  /** Rows in each message of features and labels. */
  readonly frameRows: number;
  /** Sent round and round. */
  readonly features: readonly Message[];
  /** The labels of the same rows. */
  readonly labels: readonly Message[];
  /**
   * With `gathers`, item n - 1 answers n messages of features together; otherwise item i answers message i of features.
   */
  readonly predictions: readonly Message[];
  /** Whether the model answers what waits in one message, as it does for small frames. */
  readonly gathers: boolean;
}

export function savePreparedFrames(path: string, frames: PreparedFrames): void {
  writeFileSync(path, serialize(frames));
}

export function loadPreparedFrames(path: string): PreparedFrames {
  const frames: PreparedFrames = deserialize(readFileSync(path));
  return frames;
}

/** How many rows a predictions message answers, by the length of its body: of prepared ones no two counts share a length. */
export function rowsByLength({ predictions, gathers, frameRows }: PreparedFrames): ReadonlyMap<number, number> {
  return new Map(predictions.map(({ body }, i) => [body.length, gathers ? (i + 1) * frameRows : frameRows]));
}
