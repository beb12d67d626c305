import type { WindowSummary } from "@streamgauge/core/windows";
import { count, figureOrOverflow, NONE, percent } from "../format.js";
import type { Bar } from "./bars.js";

type Tenth = WindowSummary["tenths"][number];

/** In place of figures by tenth. */
export const NO_TENTHS =
  "There are none yet: the tenths are those of the first predictions of a model version, 1,000 by default, and need labels.";

/** A bar for each of the ten. */
export function tenthBars(tenths: readonly Tenth[]): Bar[] {
  return Array.from({ length: 10 }, (_, i) => {
    const { mae = null, predicted = 0, labelled = 0 } = tenths.find(({ tenth }) => tenth === i) ?? {};
    const title = `tenth ${i + 1}: MAE ${errorText(labelled, mae)}, ${count(labelled)} of ${count(predicted)} labelled`;
    return { from: i, to: i + 1, value: mae ?? 0, title };
  });
}

/** The row of a tenth in the table. */
export function tenthTexts({ tenth, predicted, labelled, mae, rmse }: Tenth): string[] {
  const coverage = percent(predicted === 0 ? null : labelled / predicted);
  return [String(tenth + 1), count(predicted), coverage, errorText(labelled, mae), errorText(labelled, rmse)];
}

/** A figure of errors that is null without labels, or if it is beyond the largest number. */
function errorText(labelled: number, value: number | null): string {
  return labelled === 0 ? NONE : figureOrOverflow(value);
}
