/** The task of the source in a latency case. */
export interface LatencyTask {
  readonly url: string;
  /** Path of the prepared frames whose rows are sent round and round. */
  readonly frames: string;
  readonly rows: number;
  readonly rowsPerSecond: number;
}

/** The task of the process that takes the rows of a floor. */
export interface FloorSinkTask extends LatencyTask {
  /** Path of the file that gets a line for each row. */
  readonly file: string;
}
