/** A backup cannot be made or used. Its message says what to do. */
export class BackupError extends Error {
  override readonly name = "BackupError";
}
