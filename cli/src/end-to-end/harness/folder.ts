import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A new folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "streamgauge-end-to-end-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
