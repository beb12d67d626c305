import Type, { type Static } from "typebox";
import type { Bin } from "../statistics/bin-cells.js";
import { forEachMetric } from "../statistics/metrics/metric-table.js";
import { bias } from "../statistics/metrics/bias.js";
import { mae } from "../statistics/metrics/mae.js";
import { rmse } from "../statistics/metrics/rmse.js";
import { ErrorWindow, type TenthOfWindow } from "./error-window.js";
import { NO_TENTH } from "./labelled-row.js";
import { pairDensities, PairDensitySchema } from "./pair-density.js";
import type { SavedWindow, WindowReference } from "./saved-window.js";
import { beyond, finite, windowFigures, WindowJsonSchema } from "./window-json.js";
import { fileOfPartition } from "../lane-partition.js";
import { laneReference } from "./lane-reference.js";
import { boundText, lengthOf } from "./window-size.js";
import { certainOf, compareWorst, WORST_ROWS, type WorstRow } from "./worst-rows.js";

const edge = (description: string) => Type.Union([Type.Number(), Type.Null()], { description });
const count = Type.Integer({ minimum: 0 });
const figure = Type.Union([Type.Number(), Type.Null()]);

const BinSchema = Type.Object({
  from: edge("Where it begins; null if it gathers all smaller values."),
  to: edge("Where it ends; null if it gathers all larger values."),
  count,
});

const { start, end, predicted, labelled, corrected, coverage, models } = WindowJsonSchema.properties;
const { interval_rows, interval_target, interval_coverage, interval_width, interval_score } = WindowJsonSchema.properties;
const { estimated_mae, estimated_low, estimated_high, estimated_from_reference, lag_p50_s, lag_p95_s, overflowed } =
  WindowJsonSchema.properties;

/** Shares of which the quantiles of e are given, and those of the standard normal distribution (scipy.stats.norm.ppf). */
const QUANTILES = [
  [0.001, -3.090232306167813],
  [0.005, -2.5758293035489004],
  [0.01, -2.3263478740408408],
  [0.025, -1.959963984540054],
  [0.05, -1.6448536269514729],
  [0.1, -1.2815515655446004],
  [0.2, -0.8416212335729143],
  [0.3, -0.5244005127080409],
  [0.4, -0.2533471031357997],
  [0.5, 0],
  [0.6, 0.2533471031357997],
  [0.7, 0.5244005127080409],
  [0.8, 0.8416212335729143],
  [0.9, 1.2815515655446004],
  [0.95, 1.6448536269514729],
  [0.975, 1.959963984540054],
  [0.99, 2.3263478740408408],
  [0.995, 2.5758293035489004],
  [0.999, 3.090232306167813],
] as const;

/** The figures of several windows as one. */
export const SummaryFiguresSchema = Type.Object({
  start,
  end,
  windows: Type.Integer({ minimum: 1, description: "How many windows it sums up." }),
  predicted,
  labelled,
  corrected,
  coverage,
  ...forEachMetric(({ name }) => WindowJsonSchema.properties[name]),
  estimated_mae,
  estimated_low,
  estimated_high,
  estimated_from_reference,
  lag_p50_s,
  lag_p95_s,
  interval_rows,
  interval_target,
  interval_coverage,
  interval_width,
  interval_score,
  reference_mae: edge(
    "Mean absolute error of the latest model version on held-out rows, if it says one, else of its first labelled rows (REFERENCE_ROWS); of several partitions the mean, weighted by these rows; null before there are any.",
  ),
  overflowed,
  models,
});

export type SummaryFigures = Static<typeof SummaryFiguresSchema>;

/** Several windows as one, with the distribution of their errors. */
export const WindowSummarySchema = Type.Object(
  {
    ...SummaryFiguresSchema.properties,
    absolute: Type.Array(BinSchema, { description: "Bins of the absolute errors, side by side." }),
    signed: Type.Array(BinSchema, {
      description: "Bins of e = y_pred − y_true by the same edges; one below zero holds its end, not its beginning.",
    }),
    error_quantiles: Type.Array(
      Type.Object({
        share: Type.Number({ description: "Of the errors e that are smaller." }),
        normal: Type.Number({ description: "The quantile of the standard normal distribution of this share." }),
        error: figure,
      }),
      { description: "Quantiles of e, to within a hundredth of them; as far out as there are rows." },
    ),
    tenths: Type.Array(
      Type.Object({
        tenth: Type.Integer({ minimum: 0, maximum: 9, description: "0: the smallest predictions." }),
        predicted: count,
        labelled: count,
        mae: figure,
        rmse: figure,
        bias: figure,
        mean_true: edge("Mean of the labels; null without labels."),
        mean_pred: edge("Mean of their predictions. A calibrated model has it near the mean of the labels."),
      }),
      { description: "Rows by tenth of ŷ, whose edges are those of the first predictions (REFERENCE_ROWS) of the model version." },
    ),
    pairs: Type.Array(PairDensitySchema, {
      description: "Predicted against actual: of all rows, and of each model version if there are several, of those with the most rows.",
    }),
    worst: Type.Array(
      Type.Object({
        id: Type.String(),
        event_time: Type.String({ format: "date-time", description: "When it happened." }),
        row: Type.Integer({ minimum: 1, description: "The row of the log that has it, counted from 1: line row + 1 of the file." }),
        log: Type.String({ description: "The name of that log in LOGS_DIR." }),
        model: Type.String({ description: "The model version, by name and version." }),
        y_true: Type.Number({ description: "The label in force." }),
        first_y_true: Type.Number({ description: "The label in the log." }),
        y_pred: Type.Number(),
        error: edge("e = y_pred − y_true; null if it is beyond the largest double."),
        largest_error: edge("The largest |e| that any label of it gave, also one that was corrected: it decides on the rank."),
        prediction: Type.Union([Type.String(), Type.Null()], {
          description: "Where a gateway tells more of it; null if the gateway did not take the row.",
        }),
      }),
      { description: `The rows with the largest errors, the worst first: the ${WORST_ROWS} worst of all rows, or all if there are fewer.` },
    ),
    worst_certain: Type.Integer({
      minimum: 0,
      description:
        "So many of them, from the first on, are certainly the worst: all, unless an earlier version counted some of the rows and kept fewer of them.",
    }),
  },
  { description: "Several windows as one." },
);

export type WindowSummary = Static<typeof WindowSummarySchema>;

interface LoggedRow extends WorstRow {
  readonly log: string;
}

/** Windows that are being added up, in the order of their time. */
export class WindowSum {
  #sum: ErrorWindow | undefined;
  #end = 0;
  readonly #starts = new Set<number>();
  #worst: readonly LoggedRow[] = [];
  /** The latest of each partition. */
  readonly #references = new Map<string, WindowReference>();

  /** Adds a window, or the part of it that is in one partition. @param partition - its name. */
  add(window: SavedWindow, partition: string): void {
    const rows = window.worst.map((row): LoggedRow => ({ ...row, log: fileOfPartition(partition, "metric_log", "csv") }));
    this.#worst = [...this.#worst, ...rows].toSorted(compareWorst).slice(0, WORST_ROWS);
    this.#sum ??= new ErrorWindow(window.size, window.start);
    this.#sum.merge(window);
    if (!Number.isNaN(window.referenceMae)) this.#references.set(partition, window);
    this.#end = Math.max(this.#end, window.start + lengthOf(window.size));
    this.#starts.add(window.start);
  }

  /** The figures of the sum; undefined of no windows. */
  figures(): SummaryFigures | undefined {
    if (this.#sum === undefined) return undefined;
    this.#sum.refer(laneReference([...this.#references.values()]));
    const saved = this.#sum.save();
    const { revision: _revision, alarms: _alarms, overflowed: others = [], ...figures } = windowFigures(saved, []);
    return {
      ...figures,
      end: boundText(this.#end),
      windows: this.#starts.size,
      reference_mae: finite(saved.referenceMae),
      ...beyond(saved.referenceMae === Infinity ? [...others, "reference_mae"] : others),
    };
  }

  /** The sum; undefined of no windows. */
  summary(): WindowSummary | undefined {
    const figures = this.figures();
    if (this.#sum === undefined || figures === undefined) return undefined;
    const { absolute, signed } = this.#sum.bins();
    return {
      ...figures,
      absolute: absolute.map(binJson),
      signed: signed.map(binJson),
      error_quantiles: quantilesOf(this.#sum),
      tenths: this.#sum
        .tenths()
        .filter(({ tenth }) => tenth !== NO_TENTH)
        .map(tenthJson),
      pairs: pairDensities(this.#sum.pairs()),
      worst: this.#worst.map(worstJson),
      worst_certain: certainOf(this.#worst, this.#sum.worst.missing).length,
    };
  }
}

/** Beyond the outermost row of each side nothing is known. */
function quantilesOf(window: ErrorWindow): WindowSummary["error_quantiles"] {
  const known = QUANTILES.filter(([share]) => Math.min(share, 1 - share) * window.labelled >= 0.5);
  const errors = window.signedQuantiles(known.map(([share]) => share));
  return known.map(([share, normal], i) => ({ share, normal, error: finite(errors[i]) }));
}

function worstJson({ id, eventTime, line, log, model, yTrue, first, yPred, peak }: LoggedRow): WindowSummary["worst"][number] {
  return {
    id,
    event_time: new Date(eventTime).toISOString(),
    row: line + 1,
    log,
    model,
    y_true: yTrue,
    first_y_true: first,
    y_pred: yPred,
    error: finite(yPred - yTrue),
    largest_error: finite(peak),
    prediction: null,
  };
}

function binJson({ from, to, count: rows }: Bin): WindowSummary["absolute"][number] {
  return { from: finite(from), to: finite(to), count: rows };
}

function tenthJson({ tenth, predicted: all, moments }: TenthOfWindow): WindowSummary["tenths"][number] {
  const { count: n, meanTrue } = moments;
  const residual = bias.of(moments);
  return {
    tenth,
    predicted: all,
    labelled: n,
    mae: finite(mae.of(moments)),
    rmse: finite(rmse.of(moments)),
    bias: finite(residual),
    mean_true: finite(meanTrue),
    mean_pred: finite(meanTrue + residual),
  };
}
