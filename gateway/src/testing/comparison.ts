import type { ComparisonNotice } from "@streamgauge/core";

/** A comparison as plot broadcasts it: the challenger is worse by 4 to 6. */
export function comparisonOf(more: Partial<ComparisonNotice> = {}): ComparisonNotice {
  return {
    champion: "champion",
    challenger: "challenger",
    unit: "mg",
    time: Date.UTC(2026, 10, 28, 9, 30),
    is_complete: true,
    rows: 1_000,
    missed: 1,
    champion_mae: 40,
    challenger_mae: 45,
    won: 400,
    lost: 599,
    tied: 1,
    difference: { mean: -5, lower: -6, upper: -4 },
    verdict: "champion",
    verdict_text: "Champion is better than challenger",
    difference_text: "Challenger's absolute error is larger by 5 (4 to 6 mg; 95 % sure, whenever one looks).",
    history: [
      { rows: 100, mean: -4, lower: -9, upper: 1 },
      { rows: 1_000, mean: -5, lower: -6, upper: -4 },
    ],
    ...more,
  };
}
