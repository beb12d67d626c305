/** What the source of a latency case is told. */
export interface LatencyTask {
  readonly url: string;
  /** Path of the prepared frames whose rows are sent round and round. */
  readonly frames: string;
  readonly rows: number;
  readonly rowsPerSecond: number;
}
