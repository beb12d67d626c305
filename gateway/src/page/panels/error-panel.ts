import type { WindowJson } from "@streamgauge/core/windows";
import { isOfModels, METRIC_CHOICES, type MetricChoice } from "../choice.js";
import { element, fillTable, setText, withAttributes } from "../dom.js";
import { counted, figure, moment, OVERFLOW_TEXT } from "../format.js";
import { figuresTable } from "./figures-table.js";
import { chartPlace, panelFrame, type Medium, type Panel, type PanelMaker, type View } from "./panel.js";
import { chosenFigure, hasEstimate, marksOf, seriesOf, windowsBeyond, type Mark } from "./series.js";
import { describeChart, TimeChart, type ChartOptions, type Line } from "./time-chart.js";
import { LIVE_COLUMNS, windowRows } from "./window-table.js";

/** Marks that are listed below the chart, the latest: corrections may be of many windows, and must not hide the others. */
const LISTED_MARKS = 5;
const LISTED_CORRECTIONS = 2;
const ESTIMATE: readonly Line[] = [
  { title: "Estimated", name: "estimated_mae", colour: "--estimate", dashed: true },
  { title: "95 % from", name: "estimated_low", colour: "--estimate", bound: true },
  { title: "to", name: "estimated_high", colour: "--estimate", bound: true },
];
const ESTIMATES: readonly ((window: WindowJson) => number | null)[] = [
  ({ estimated_mae }) => estimated_mae,
  ({ estimated_low }) => estimated_low,
  ({ estimated_high }) => estimated_high,
];

/** The figure over time: the chosen one on the live page, each one in a report. */
export const errorPanels: PanelMaker = (medium) =>
  medium === "live" ? [livePanel()] : METRIC_CHOICES.map(({ name }) => chartPanel({ id: name, metric: name, isMain: name === "mae" }));

interface ChartPanelOptions {
  readonly id: string;
  /** Default: the chosen one. */
  readonly metric?: MetricChoice;
  /** Whether it is as wide as the page, and explains its signs. */
  readonly isMain: boolean;
  /** What follows the chart. */
  readonly below?: readonly Node[];
}

function chartPanel({ id, metric, isMain, below = [] }: ChartPanelOptions): Panel {
  const place = chartPlace(id, isMain);
  const frame = panelFrame({ id, title: "", isWhole: isMain }, [place, ...(isMain ? [legend()] : []), ...below]);
  const [title, says] = [frame.querySelector("h2 span"), frame.querySelector("h2 small")];
  const height = isMain ? 320 : 220;
  const chart = new TimeChart(place, errorOptions({ metric: "mae", model: "" }, null, height));
  return {
    element: frame,
    show: ({ choice: { model, metric: chosen }, windows, summary }) => {
      const choice = { metric: metric ?? chosen, model };
      const { title: name, says: meaning } = METRIC_CHOICES.find((each) => each.name === choice.metric) ?? METRIC_CHOICES[0];
      if (title !== null) setText(title, `${name} over time${model === "" ? "" : `, ${model}`}`);
      const beyond = windowsBeyond(windows, choice);
      const missing = beyond === 0 ? "" : `; of ${counted(beyond, "window")} it is ${OVERFLOW_TEXT}, and not drawn`;
      if (says !== null) says.textContent = meaning + missing;
      frame.hidden = model !== "" && !isOfModels(choice.metric);
      const series = seriesOf(windows, [...(hasEstimate(choice) ? ESTIMATES : []), chosenFigure(choice)]);
      const reference = hasEstimate(choice) ? (summary?.reference_mae ?? null) : null;
      chart.show({ series, windows, marks: marksOf(windows) }, errorOptions(choice, reference, height));
      describeChart(place, name, series.columns.at(-1), figure);
    },
  };
}

function errorOptions(choice: View["choice"], reference: number | null, height: number): ChartOptions {
  const title = METRIC_CHOICES.find(({ name }) => name === choice.metric)?.title ?? "";
  // What is drawn last is on top.
  const lines = [...(hasEstimate(choice) ? ESTIMATE : []), { title, name: choice.metric, colour: "--realised" }];
  return { height, lines, reference, model: choice.model, textOf: (value) => figure(value) };
}

/** With the latest marks, and the windows as a table. */
function livePanel(): Panel {
  const marks = withAttributes(element("ul", { id: "marks", hidden: true }), { "aria-label": "Alarms, models and corrections" });
  const table = windowsTable("live");
  const link = element("a", { id: "windows-link", href: "/windows", textContent: "All figures of these windows as JSON" });
  const note = element("p", { className: "note" }, [link]);
  const panel = chartPanel({ id: "error", isMain: true, below: [marks, table.element, note] });
  return {
    element: panel.element,
    show: (view) => {
      panel.show(view);
      showMarks(marks, marksOf(view.windows));
      table.show(view);
      link.href = view.links?.windows ?? "/windows";
    },
  };
}

function windowsTable(medium: Medium): { element: HTMLElement; show: (view: View) => void } {
  const head = { id: "window-rows", caption: "The windows", columns: LIVE_COLUMNS.map(({ title }) => title) };
  const { element: details, body } = figuresTable(head, medium);
  details.id = "windows";
  let latest: View["windows"] = [];
  let shown: View["windows"] | undefined;
  const fill = () => {
    if (!details.open || shown === latest) return;
    shown = latest;
    fillTable(body, windowRows(latest, LIVE_COLUMNS));
  };
  details.addEventListener("toggle", fill);
  return {
    element: details,
    show: (view) => {
      latest = view.windows;
      fill();
    },
  };
}

function legend(): HTMLElement {
  const signs = [
    ["estimate", "95 % interval of the estimate"],
    ["provisional", "provisional: open, or labels are missing"],
    ["alarm", "alarm; without a line while it goes on"],
    ["model", "first rows of a model version"],
    ["correction", "restated by corrections"],
  ] as const;
  const items = signs.map(([sign, text]) => element("li", {}, [element("i", { className: `swatch ${sign}` }), text]));
  return withAttributes(element("ul", { className: "legend" }, items), { "aria-hidden": "true" });
}

function listed(marks: readonly Mark[]): Mark[] {
  const corrections = marks.filter(({ kind }) => kind === "correction").slice(-LISTED_CORRECTIONS);
  const others = marks.filter(({ kind }) => kind !== "correction").slice(-LISTED_MARKS);
  return [...others, ...corrections].toSorted((one, other) => one.time - other.time);
}

function showMarks(list: HTMLElement, marks: readonly Mark[]): void {
  list.replaceChildren(
    ...listed(marks)
      .toReversed()
      .map(({ kind, time, text }) =>
        element("li", { className: kind }, [element("time", { textContent: `${moment(time * 1_000)} UTC` }), ` ${text}`]),
      ),
  );
  list.hidden = marks.length === 0;
}
