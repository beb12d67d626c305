import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";

/** A folder that is new and empty for each test, and gone after it. */
export class FreshFolder {
  path = "";

  /** Where a file of that name is, or would be. */
  at(name: string): string {
    return join(this.path, name);
  }

  write(name: string, content: string | Buffer): string {
    writeFileSync(this.at(name), content);
    return this.at(name);
  }

  read(name: string): string {
    return readFileSync(this.at(name), "utf8");
  }

  /** Names of the files whose names match. */
  names(pattern = /^/): string[] {
    return readdirSync(this.path)
      .filter((name) => pattern.test(name))
      .sort();
  }
}

/** To be called where the tests are defined. In memory if the system has such a folder. */
export function freshFolder(): FreshFolder {
  const folder = new FreshFolder();
  beforeEach(() => {
    folder.path = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "streamgauge-metrics-"));
  });
  afterEach(() => rmSync(folder.path, { recursive: true, force: true }));
  return folder;
}
