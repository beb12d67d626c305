import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What a lane's model process said last of itself. */
export interface ScorerStatus {
  /** Name and version of what scores. */
  readonly model: string;
  /** Since when, ms since 1970. */
  readonly since: number;
}

function statusPath(logsDir: string, lane: string): string {
  return join(logsDir, ".state", `model.${lane}.json`);
}

/** Writes what scores now. Without the file `streamgauge promote` cannot say whether the promoted model scores yet. */
export function writeScorerStatus(logsDir: string, lane: string, status: ScorerStatus): void {
  const path = statusPath(logsDir, lane);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.new`, JSON.stringify(status));
    renameSync(`${path}.new`, path);
  } catch {
    // A container may have no folder for it.
  }
}

/** @returns undefined if nothing is known. */
export function readScorerStatus(logsDir: string, lane: string): ScorerStatus | undefined {
  try {
    const { model, since }: Partial<Record<keyof ScorerStatus, unknown>> = Object(
      JSON.parse(readFileSync(statusPath(logsDir, lane), "utf8")),
    );
    return typeof model === "string" && typeof since === "number" ? { model, since } : undefined;
  } catch {
    return undefined;
  }
}
