import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LaterVersionError } from "@streamgauge/core";
import { builtFile } from "@streamgauge/testing";
import { describe, expect, test } from "vitest";
import { CheckpointError, readCheckpoint, writeCheckpoint, type Checkpoint } from "./checkpoint.js";
import { temporaryFolder } from "@streamgauge/testing/vitest";

const CHECKPOINT: Checkpoint = { run: "r1", signature: "s", rows: 1_000, position: 116, shift: 5_000, finished: false };

describe("a checkpoint", () => {
  test("is read as it was written, and replaces the one before", () => {
    const folder = temporaryFolder();
    const path = join(folder, ".state", "features.json");
    expect(readCheckpoint(path)).toBeUndefined();
    writeCheckpoint(path, CHECKPOINT);
    expect(readCheckpoint(path)).toEqual(CHECKPOINT);
    writeCheckpoint(path, { ...CHECKPOINT, rows: 1_001, position: 117 });
    expect(readCheckpoint(path)).toEqual({ run: "r1", signature: "s", rows: 1_001, position: 117, shift: 5_000, finished: false });
    expect(readdirSync(join(folder, ".state"))).toEqual(["features.json"]);
  });

  test("of a finished run is passed over", () => {
    const path = join(temporaryFolder(), "features.json");
    writeCheckpoint(path, { ...CHECKPOINT, finished: true });
    expect(readCheckpoint(path)).toBeUndefined();
  });

  test("is never half written: what a crash left beside it is of no interest", () => {
    const folder = temporaryFolder();
    const path = join(folder, "features.json");
    writeCheckpoint(path, CHECKPOINT);
    writeFileSync(`${path}.new`, '{"run":"r1","signa');
    expect(readCheckpoint(path)).toEqual(CHECKPOINT);
    writeCheckpoint(path, { ...CHECKPOINT, rows: 2_000 });
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ rows: 2_000 });
    expect(readdirSync(folder)).toEqual(["features.json"]);
  });

  test.each([
    ["empty", ""],
    ["cut off", '{"run":"r1","signa'],
    ["null", "null"],
    ["no object", "[1]"],
    ["without a run", JSON.stringify({ ...CHECKPOINT, run: undefined })],
    ["with a negative count", JSON.stringify({ ...CHECKPOINT, rows: -1 })],
    ["with half a row", JSON.stringify({ ...CHECKPOINT, position: 0.5 })],
    ["binary", "\u0000\u0000\u0000"],
  ])("that is %s is an error with its path", (_, content) => {
    const path = join(temporaryFolder(), "features.json");
    writeFileSync(path, content);
    expect(() => readCheckpoint(path)).toThrow(CheckpointError);
    expect(() => readCheckpoint(path)).toThrow(`The checkpoint ${path} cannot be read.`);
  });

  test("that is a folder is an error with its path", () => {
    const path = join(temporaryFolder(), "features.json");
    mkdirSync(path);
    expect(() => readCheckpoint(path)).toThrow(CheckpointError);
  });

  test("of release 0.1.0 is gone on with", () => {
    expect(readCheckpoint(builtFile("metrics/fixtures/state-of-releases/0.1.0/.state/features.json"))).toEqual({
      run: "mwpixsni7y4z",
      signature: "diabetes 442",
      rows: 120,
      position: 120,
      shift: 0,
      finished: false,
    });
  });

  test("of version 2, which knew no event times, is gone on with", () => {
    const path = join(temporaryFolder(), "features.json");
    writeFileSync(path, '{"version":2,"run":"r1","signature":"s","rows":120,"position":20,"finished":false}');
    expect(readCheckpoint(path)).toEqual({ run: "r1", signature: "s", rows: 120, position: 20, shift: 0, finished: false });
  });

  test("of a later version is refused: a new run would send its rows under other ids", () => {
    const path = join(temporaryFolder(), "features.json");
    writeFileSync(path, JSON.stringify({ ...CHECKPOINT, version: 4 }));
    expect(() => readCheckpoint(path)).toThrow(LaterVersionError);
  });
});
