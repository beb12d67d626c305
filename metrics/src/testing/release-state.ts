import type { FreshFolder } from "@streamgauge/testing/vitest";
import { TestLane } from "./test-lane.js";

/** When the label of `r9` was corrected, ms since 1970. */
export const CORRECTED_AT: number = Date.UTC(2026, 0, 31, 12);

/** Few enough ids that the log of `writeReleaseState` has several generations. */
export const RELEASE_GENERATION_IDS = 5;

const TRUTH = [151, 75, 141, 206, 135, 97, 138, 63, 110, 310, 101, 69];
const PREDICTED = [206.117, 68.071, 176.883, 166.914, 128.462, 106.352, 73.891, 118.854, 158.809, 213.585, 97.075, 95.101];

/**
 * Writes everything that a lane can have on disk: twelve rows `r1` to `r12`, a duplicate, a conflict, an unmatched label, two pending
 * labels and a pending prediction; since version 0.3.0 also a correction of `r9`, and one that waits. It wrote the folders in metrics/fixtures/state-of-releases, each in the release of its name.
 */
export async function writeReleaseState(folder: FreshFolder): Promise<void> {
  const lane = await TestLane.open(folder, { generationIds: RELEASE_GENERATION_IDS });
  lane.labels(["u1", 7]);
  lane.spill();
  lane.clock.advance(61_000);
  lane.commit();
  for (const [i, truth] of TRUTH.entries()) {
    lane.labels([`r${i + 1}`, truth]);
    lane.predictions([`r${i + 1}`, PREDICTED[i] ?? 0]);
    lane.commit();
  }
  lane.corrections(CORRECTED_AT, ["r9", 120], ["none", 5]);
  lane.commit();
  lane.labels(["r11", 101]);
  lane.predictions(["r11", 97.075]);
  lane.commit();
  lane.labels(["r12", 70]);
  lane.predictions(["r12", 95.101]);
  lane.commit();
  lane.labels(['w "1", 2', 42], ["w2", -0.5]);
  lane.predictions(["p1", 99.25]);
  lane.spill();
  lane.commit();
  await lane.join.close();
}
