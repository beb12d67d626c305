/** The task of the source in a latency case. */
export interface LatencyTask {
  readonly url: string;
  /** Path of the prepared frames whose rows are sent round and round. */
  readonly frames: string;
  readonly rows: number;
  readonly rowsPerSecond: number;
}
