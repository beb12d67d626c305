import { afterAll, afterEach, expect } from "vitest";

/** What Node warned of since it was looked at last: listeners that pile up, promises that are not awaited, what will be removed. */
const warnings: string[] = [];

process.on("warning", (warning) => void warnings.push(warning.stack ?? String(warning)));

/** Fails the test, or the file, during which Node warned of something. */
function expectNone(): void {
  expect(warnings.splice(0), "Node warned of something: mend its cause").toEqual([]);
}

afterEach(expectNone);
afterAll(expectNone);
