import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A new folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "streamgauge-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A CSV file with this content, which is gone after the test. */
export function csvFile(content: string | Buffer): string {
  const path = join(temporaryFolder(), "rows.csv");
  writeFileSync(path, content);
  return path;
}
