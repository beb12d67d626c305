import { constants } from "node:os";

/** What a service keeps in its folder cannot be kept there. */
export class LogsDirError extends Error {
  override readonly name = "LogsDirError";
  readonly path: string;

  constructor(path: string, cause: Error) {
    const remedy = isDiskFull(cause)
      ? "make room there, or set LOGS_DIR to another folder"
      : "set LOGS_DIR to a folder that this user may write to";
    super(`The folder ${path} cannot be used (${cause.message}): ${remedy}.`, { cause });
    this.path = path;
  }
}

/** What the system says of a path that cannot be written to. */
const REFUSALS = new Set(["EACCES", "EEXIST", "ENAMETOOLONG", "ENOTDIR", "EPERM", "EROFS"]);
// Node names the error; LMDB has its number.
const FULL = new Set(["EDQUOT", "ENOSPC", String(constants.errno.EDQUOT), String(constants.errno.ENOSPC)]);

/** Whether an error means that there is no room on the disk. */
export function isDiskFull(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && FULL.has(String(error.code));
}

/**
 * Opens what a service keeps in LOGS_DIR.
 *
 * @throws LogsDirError if the system does not let this user write there, or there is no room.
 */
export async function openInLogsDir<T>(logsDir: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    const refused = error instanceof Error && "code" in error && (FULL.has(String(error.code)) || REFUSALS.has(String(error.code)));
    throw refused ? new LogsDirError(logsDir, error) : error;
  }
}
