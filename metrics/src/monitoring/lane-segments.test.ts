import { codedHistory } from "@streamgauge/testing";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { expect, test } from "vitest";
import { DEFAULT_ALARM } from "../alarm/alarm-settings.js";
import { parseRules } from "../alerting/rules/read-rules.js";
import { ReplayedLane } from "../replay/replayed-lane.js";
import { driftOfLane, hoursOfLane, modelsOfLane, segmentsOfLane } from "./lane-segments.js";
import { Monitor } from "./monitor.js";

const MONDAY = Date.UTC(2026, 0, 5);

test(
  "an alarm on the error names the segment that became worse; drift and segments are those of the committed hours",
  { timeout: 120_000 },
  async () => {
    const lane = await ReplayedLane.open(temporaryFolder(), "champion", codedHistory(MONDAY), {
      alarm: DEFAULT_ALARM,
      intervalCoverage: 0.9,
      retentionMs: 7 * 86_400_000,
      rules: parseRules("rules: [{name: worse, kind: error_alarm}]", "rules.yaml"),
      labelDelayMs: 0,
    });
    await lane.run();
    const [alert] = lane.alerts;
    expect(alert).toMatchObject({ rule: "worse", state: "firing", segments: [{ name: "bmi 5 to 6" }] });
    const monitor = Monitor.read(lane.store);
    if (monitor === undefined) throw new Error("There is no monitor.");
    const all = { from: -Infinity, to: Infinity };
    expect(segmentsOfLane([monitor], all)).toMatchObject({ model: "m@1", hours: 24, rows: 6000, standing_out: 1 });
    expect(segmentsOfLane([monitor], { ...all, from: MONDAY + 86_400_000 })).toBeUndefined();
    expect(segmentsOfLane([monitor], { ...all, model: "m@2" })).toBeUndefined();
    expect(modelsOfLane([monitor])).toEqual(["m@1"]);
    expect(modelsOfLane([])).toEqual([]);
    const hours = Array.from({ length: 24 }, (_, hour) => MONDAY + hour * 3_600_000);
    expect([hoursOfLane([monitor]), hoursOfLane([monitor], "m@1"), hoursOfLane([monitor], "m@2")]).toEqual([hours, hours, []]);
    // All predictions are in one of the four bins.
    const drift = driftOfLane([monitor], all);
    expect([drift?.rows, drift?.times.length, drift?.features.map(({ drifted }) => drifted)]).toEqual([6000, 24, [false, true, true]]);
    await lane.close();
  },
);
