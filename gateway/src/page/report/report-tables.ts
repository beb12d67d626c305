import { count, duration, figure, figureOf, moment, NONE, percent } from "../format.js";
import { estimateText, type WindowColumn } from "../panels/window-table.js";
import { changesOf } from "./alarm-changes.js";
import { changeText } from "./facts.js";
import type { ReportContent } from "./report-data.js";

/** A table of a report: texts, row by row. */
export interface ReportTable {
  readonly id: string;
  readonly title: string;
  /** What one must know to read it. */
  readonly note: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The tables below the charts, in their order. */
export function reportTables(content: ReportContent): ReportTable[] {
  return [versionsTable(content), alarmsTable(content), ...windowTables(content)];
}

function versionsTable({ summary, windows, references }: ReportContent): ReportTable {
  const rows = (summary?.models ?? []).map((version) => {
    const { model, labelled } = version;
    const within = windows.filter(({ models }) => models.some((each) => each.model === model));
    const { reference, baseline } = references.find((each) => each.model === model) ?? { reference: null, baseline: null };
    return [
      model || "without a version",
      count(labelled),
      figureOf(version, "mae"),
      figureOf(version, "rmse"),
      figureOf(version, "r2"),
      figureOf(version, "bias"),
      within[0] === undefined ? NONE : moment(within[0].start),
      moment(within.at(-1)?.end ?? 0),
      reference === null ? NONE : `${figure(reference.mean)} of ${count(reference.rows)} ${reference.source} rows`,
      figure(baseline),
    ];
  });
  return {
    id: "versions",
    title: "Model versions",
    note: "The labelled rows of the range by model version. An alarm is raised when there is evidence enough that the mean error is above the baseline, which is given as it is now.",
    columns: ["Model version", "Labelled", "MAE", "RMSE", "R²", "Bias", "First window (UTC)", "Last window ends", "Reference", "Baseline"],
    rows,
  };
}

function alarmsTable({ alarms, alarmCount }: ReportContent): ReportTable {
  const rows = changesOf(alarms).map((change) => [
    moment(change.time),
    change.kind,
    change.model,
    `${count(change.row)}${change.log === undefined ? "" : ` of ${change.log}`}`,
    change.since_time === null ? NONE : moment(change.since_time),
    count(change.since_row),
    figure(change.mean_before),
    `${figure(change.mean_since)}${change.mean_since_low === null ? "" : ` (${figure(change.mean_since_low)} to ${figure(change.mean_since_high)})`}`,
    changeText(change.mean_before, change.mean_since),
    count(change.repeats),
  ]);
  const left = alarmCount - alarms.length;
  return {
    id: "alarms",
    title: "Alarms on the error",
    note: `Each change of the mean error that was noticed in the range.${left > 0 ? ` ${count(left)} earlier alarms of the range are left out.` : ""}`,
    columns: [
      "Raised (UTC)",
      "Error is",
      "Model version",
      "Row",
      "Since (UTC)",
      "Since row",
      "MAE before",
      "MAE since (95 %)",
      "Change",
      "Raised again",
    ],
    rows,
  };
}

/** All figures of each window, in two tables that fit on paper. */
function windowTables(content: ReportContent): ReportTable[] {
  return [
    { id: "errors", title: "Windows: errors", note: "Figures of the labelled rows of each window.", columns: errorColumns(content) },
    {
      id: "labels",
      title: "Windows: labels and estimate",
      note: "What is still to come in each window, and what is estimated of it.",
      columns: LABEL_COLUMNS,
    },
  ].map(({ columns, ...table }) => ({
    ...table,
    columns: columns.map(({ title }) => title),
    rows: content.windows.map((window) => columns.map(({ textOf }) => textOf(window))),
  }));
}

const START: WindowColumn = { title: "Start (UTC)", textOf: ({ start }) => moment(start) };
const LABELLED: WindowColumn = { title: "Labelled", textOf: ({ labelled }) => count(labelled) };

function errorColumns({ metrics }: Pick<ReportContent, "metrics">): readonly WindowColumn[] {
  return [
    START,
    { title: "State", textOf: ({ state }) => state },
    LABELLED,
    ...metrics.map(({ name, title }): WindowColumn => ({ title, textOf: (window) => figureOf(window, name) })),
  ];
}

const LABEL_COLUMNS: readonly WindowColumn[] = [
  START,
  { title: "Revision", textOf: ({ revision }) => count(revision) },
  { title: "Predicted", textOf: ({ predicted }) => count(predicted) },
  LABELLED,
  { title: "Corrected", textOf: ({ corrected }) => count(corrected) },
  { title: "Coverage", textOf: ({ coverage }) => percent(coverage) },
  { title: "Estimated MAE (95 %)", textOf: estimateText },
  { title: "From reference", textOf: ({ estimated_from_reference: share }) => percent(share) },
  { title: "Lag p50", textOf: ({ lag_p50_s: lag }) => duration(lag) },
  { title: "Lag p95", textOf: ({ lag_p95_s: lag }) => duration(lag) },
  { title: "Alarms", textOf: ({ alarms }) => count(alarms.length) },
];
