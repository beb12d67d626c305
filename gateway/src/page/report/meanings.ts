import type { Fact } from "./facts.js";
import type { ReportMetric } from "./report-data.js";

/** What each figure means, a line each. */
export function meanings(metrics: readonly ReportMetric[]): Fact[] {
  return [
    ["e, n", "e = prediction − truth of a row that has a label; n is the number of such rows."],
    ...metrics.map(({ title, description, formula }): Fact => [title, `${formula}. ${description}`]),
    ["Corrected", "Labelled rows of the window whose label was corrected: every figure is that of the corrected label."],
    ["Coverage", "Labelled ÷ predicted."],
    ["Label lag", "Time from the event to its label: median and 95 % quantile, known to a factor of two."],
    [
      "Estimated MAE",
      "MAE of all predictions, with and without a label, by tenth k of the prediction (post-stratification): Σₖ (Nₖ/N) · mean|e|ₖ, and its 95 % interval, ±1.96 √(Σₖ (Nₖ/N)² · sₖ²/nₖ).",
    ],
    ["From reference", "Share of the predictions for which the estimate takes the mean of the reference: their tenth has no label yet."],
    [
      "Reference",
      "Mean |e| of a model version: on rows held out in training, if the model says one, else of its first labelled rows (REFERENCE_ROWS, 1,000 by default).",
    ],
    [
      "Interval",
      "prediction ± half width, as it was announced with the prediction. Its coverage is the share of the labels that are in it; the Winkler score is its width, and 2 ÷ (1 − target) times what the label is outside by.",
    ],
    ["Tenth", "A tenth of the predictions by size, by the edges of the first REFERENCE_ROWS predictions of the model version."],
    ["Calibration", "Mean y_true over mean y_pred of each tenth: equal if the model is right on average at every size of its predictions."],
    ["Q–Q", "Quantiles of e over those of the standard normal distribution; the line is mean(e) + sd(e) · z."],
    ["Provisional", "The window is open, or fewer than 95 % of its predictions have a label: its figures may change."],
    ["Mature", "The window is over, and 95 % or more of its predictions have a label."],
    ["Final", "The window is over, and no label can come any more."],
    [
      "Alarm",
      "The mean error has risen above the baseline (worse), or has fallen (better), by a test whose false alarms are rare (e-detector).",
    ],
    ["Revision", "Grows with each change of a window."],
  ];
}
