import { existsSync } from "node:fs";
import type { LanePaths } from "@streamgauge/core/metric-log";

/** The files of a lane are those of a backup, but not all of them. */
export class RestoreUnfinishedError extends Error {
  override readonly name = "RestoreUnfinishedError";
  readonly path: string;

  constructor(path: string) {
    super(`A restore was interrupted (${path} says so): run \`streamgauge restore\` again, which begins anew.`);
    this.path = path;
  }
}

/** @throws RestoreUnfinishedError */
export function requireRestored({ restoring }: Pick<LanePaths, "restoring">): void {
  if (existsSync(restoring)) throw new RestoreUnfinishedError(restoring);
}
