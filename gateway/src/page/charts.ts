import { TimeChart, type ChartOptions } from "./chart.js";
import { METRIC_CHOICES, type Choice } from "./choice.js";
import { at, element } from "./dom.js";
import { duration, figure, moment, percent } from "./format.js";
import type { LiveState } from "./live-state.js";
import { chosenFigure, hasEstimate, marksOf, seriesOf, type Mark } from "./series.js";
import { chartText } from "./window-table.js";

/** Marks that are listed below the chart, the latest. */
const LISTED_MARKS = 5;

const shared = { height: 180, from: 0 };
const coverageOptions: ChartOptions = {
  ...shared,
  to: 1,
  lines: [{ title: "Coverage", colour: "--realised" }],
  textOf: (value) => percent(value),
};
const lagOptions: ChartOptions = {
  ...shared,
  lines: [
    { title: "95 %", colour: "--estimate", dashed: true },
    { title: "Median", colour: "--realised" },
  ],
  textOf: (value) => duration(value),
};

/** The charts over time. */
export class Charts {
  readonly #error: TimeChart;
  readonly #coverage: TimeChart;
  readonly #lag: TimeChart;

  constructor() {
    this.#error = new TimeChart(at("error-chart", HTMLElement), errorOptions({ metric: "mae", model: "" }, null));
    this.#coverage = new TimeChart(at("coverage-chart", HTMLElement), coverageOptions);
    this.#lag = new TimeChart(at("lag-chart", HTMLElement), lagOptions);
  }

  show(choice: Choice, { windows = [], summary }: LiveState): void {
    const marks = marksOf(windows);
    const { title, says } = METRIC_CHOICES.find(({ name }) => name === choice.metric) ?? METRIC_CHOICES[0];
    const of = chosenFigure(choice);
    const reference = hasEstimate(choice) ? (summary?.reference_mae ?? null) : null;
    const estimates = hasEstimate(choice)
      ? [
          ({ estimated_mae }: (typeof windows)[number]) => estimated_mae,
          ({ estimated_low }: (typeof windows)[number]) => estimated_low,
          ({ estimated_high }: (typeof windows)[number]) => estimated_high,
        ]
      : [];
    const series = seriesOf(windows, [...estimates, of]);
    at("error-title", HTMLElement).textContent = `${title} over time${choice.model === "" ? "" : `, ${choice.model}`}`;
    at("error-says", HTMLElement).textContent = says;
    this.#error.show({ series, windows, marks }, errorOptions(choice, reference));
    describe("error-chart", title, series.columns.at(-1), figure);
    showMarks(marks);
    const coverage = seriesOf(windows, [(window) => window.coverage]);
    this.#coverage.show({ series: coverage, windows, marks: [] });
    describe("coverage-chart", "Coverage", coverage.columns[0], percent);
    const lags = seriesOf(windows, [({ lag_p95_s }) => lag_p95_s, ({ lag_p50_s }) => lag_p50_s]);
    this.#lag.show({ series: lags, windows, marks: [] });
    describe("lag-chart", "Median label lag", lags.columns.at(-1), duration);
  }
}

function errorOptions(choice: Pick<Choice, "metric" | "model">, reference: number | null): ChartOptions {
  const title = METRIC_CHOICES.find(({ name }) => name === choice.metric)?.title ?? "";
  const estimate = [
    { title: "Estimated", colour: "--estimate", dashed: true },
    { title: "95 % from", colour: "--estimate", bound: true },
    { title: "to", colour: "--estimate", bound: true },
  ];
  return {
    height: 320,
    lines: [
      // What is drawn last is on top.
      ...(hasEstimate(choice) ? estimate : []),
      { title, colour: "--realised" },
    ],
    reference,
    textOf: (value) => figure(value),
  };
}

function describe(
  id: string,
  title: string,
  values: readonly (number | null)[] | undefined,
  textOf: (value: number | null) => string,
): void {
  at(id, HTMLElement).setAttribute("aria-label", chartText(title, values ?? [], textOf));
}

function showMarks(marks: readonly Mark[]): void {
  const list = at("marks", HTMLElement);
  list.replaceChildren(
    ...marks
      .slice(-LISTED_MARKS)
      .toReversed()
      .map(({ kind, time, text }) =>
        element("li", { className: kind }, [element("time", { textContent: `${moment(time * 1_000)} UTC` }), ` ${text}`]),
      ),
  );
  list.hidden = marks.length === 0;
}
