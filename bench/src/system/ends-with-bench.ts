import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const children = new Set<ChildProcess>();
const folders = new Set<string>();

/** Kills a child together with this process, however that ends short of SIGKILL. */
export function endWithBench(child: ChildProcess): void {
  children.add(child);
  child.once("exit", () => children.delete(child));
}

/** A new, empty folder beside the private broker's, removed at the end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "streamgauge-bench-"));
  folders.add(folder);
  return folder;
}

/** Removes a temporary folder now: the next run wants the disk as empty as this one did. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}

/** From now on a signal ends this process with all that it started. */
export function endOnSignals(): void {
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
  process.once("exit", () => {
    for (const child of children) child.kill("SIGKILL");
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
}
