import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { LaterVersionError } from "@streamgauge/core";
import { builtFile } from "@streamgauge/testing";
import { freshFolder } from "@streamgauge/testing/vitest";
import { describe, expect, test } from "vitest";
import { STATE_FORMAT } from "../state/saved-state.js";
import { StateStore } from "../state/state-store.js";
import { correctedFigures } from "../corrections/corrected-figures.js";
import { CORRECTED_AT, RELEASE_GENERATION_IDS, writeReleaseState } from "../testing/release-state.js";
import { TestLane } from "../testing/test-lane.js";

const RELEASES = builtFile("metrics/fixtures/state-of-releases");
/** Releases before there were corrections. */
const WITHOUT_CORRECTIONS = ["0.1.0", "0.2.0"];
const folder = freshFolder();
const options = { generationIds: RELEASE_GENERATION_IDS };

// Written once for each release, with `WRITE_STATE_OF=<release> npx vitest run metrics/src/join/state-of-releases.test.ts`.
const written = process.env["WRITE_STATE_OF"];

const releases = [...readdirSync(RELEASES), "this program"];

async function openRelease(release: string): Promise<TestLane> {
  if (release === "this program") await writeReleaseState(folder);
  else cpSync(`${RELEASES}/${release}`, folder.path, { recursive: true });
  return TestLane.open(folder, options);
}

describe.each(releases)("the state that %s left behind", (release) => {
  const open = () => openRelease(release);

  test("is opened with every figure", async () => {
    const { join, balance } = await opened(open());
    expect(join.findings).toEqual([]);
    expect(balance("y_true")).toEqual({ received: 17, logged: 12, unmatched: 1, duplicates: 1, conflicts: 1, pending: 2 });
    expect(balance("y_pred")).toEqual({ received: 15, logged: 12, duplicates: 2, pending: 1 });
    const { statistics, lines } = join.state.log;
    const { mae, rmse, r2, bias, p50, max_error: largest } = statistics.values();
    expect([lines, statistics.count]).toEqual([12, 12]);
    expect(mae).toBeCloseTo(37.34316666666667, 12);
    expect(rmse).toBeCloseTo(46.220375099444325, 12);
    expect(r2).toBeCloseTo(0.5096802675388264, 12);
    expect(bias).toBeCloseTo(1.176166666666666, 12);
    expect(p50).toBeCloseTo(37.4845, 12);
    expect(largest).toBeCloseTo(96.415, 12);
    expect(join.state.versions.list().map(({ model, moments }) => [model, moments.count])).toEqual([["linear 1", 12]]);
  });

  test("is continued: pending halves meet their partners, and logged ids are recognised", async () => {
    const { lane } = await opened(open());
    lane.predictions(['w "1", 2', 40], ["w2", 0.5]);
    lane.labels(["p1", 100]);
    lane.labels(["r10", 310]);
    lane.predictions(["r10", 213.585]);
    lane.spill();
    lane.commit();
    const again = await lane.reopen(folder, options);
    expect(again.join.findings).toEqual([]);
    expect(again.balance("y_true")).toEqual({ received: 19, logged: 15, unmatched: 1, duplicates: 2, conflicts: 1 });
    expect(readFileSync(folder.at("metric_log.csv"), "utf8").split("\n").slice(13, -1).toSorted()).toEqual([
      '"w ""1"", 2",42,40,2',
      "p1,100,99.25,0.75",
      "w2,-0.5,0.5,1",
    ]);
    expect(again.join.state.log.statistics.count).toBe(15);
    await again.join.close();
  });
});

test.each(releases.filter((release) => !WITHOUT_CORRECTIONS.includes(release)))(
  "the corrections that %s left behind go on",
  async (release) => {
    const lane = await openRelease(release);
    expect(lane.correctionBalance).toEqual({ received: 2, applied: 1, waiting: 1 });
    expect(correctedFigures(lane.join.state)?.mae).toBeCloseTo(36.50983333333333, 12);
    lane.corrections(CORRECTED_AT, ["r9", 120]);
    lane.corrections(CORRECTED_AT - 1, ["r9", 130]);
    lane.labels(["none", 1]);
    lane.predictions(["none", 2]);
    lane.commit();
    expect(lane.correctionBalance).toEqual({ received: 4, applied: 2, duplicates: 1, conflicts: 1 });
    await lane.join.close();
  },
);

test.each(WITHOUT_CORRECTIONS)("of %s there are no corrections, and new ones are taken", async (release) => {
  const lane = await openRelease(release);
  expect([lane.correctionBalance, correctedFigures(lane.join.state)]).toEqual([{}, undefined]);
  lane.corrections(CORRECTED_AT, ["r9", 120]);
  lane.commit();
  // Its line is older than the windows.
  expect(lane.correctionBalance).toEqual({ received: 1, applied: 1, notRestated: 1 });
  expect(correctedFigures(lane.join.state)?.mae).toBeCloseTo(36.50983333333333, 12);
  await lane.join.close();
});

test("the state of a later version is refused and not changed", async () => {
  await writeReleaseState(folder);
  const state = folder.at(".state/metrics.champion");
  const store = StateStore.open(state);
  const committed = store.state();
  if (committed === undefined) throw new Error("Nothing was committed.");
  const later = Object.assign({}, committed, { version: STATE_FORMAT.version + 1 });
  store.commit(() => ({ state: later, monitor: undefined, tail: store.tail(), generations: undefined }));
  await store.close();
  await expect(TestLane.open(folder, options)).rejects.toThrow(LaterVersionError);
  expect(existsSync(state)).toBe(true);
  expect(folder.names(/set-aside/)).toEqual([]);
});

if (written !== undefined)
  test("writes the state of a release", async () => {
    await writeReleaseState(folder);
    cpSync(folder.path, `${RELEASES}/${written}`, {
      recursive: true,
      filter: (path) => !path.endsWith("lock.mdb") && !path.endsWith(".lock"),
    });
  });

async function opened(opening: Promise<TestLane>) {
  const lane = await opening;
  return { lane, join: lane.join, balance: (side: "y_true" | "y_pred") => lane.balance(side) };
}
