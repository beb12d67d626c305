import type { RegressionError } from "./regression-error.js";
import type { TrainingReport } from "./training-report.js";

/**
 * @returns a report as text for a terminal: what was fitted on what, the errors, the features with their effect, and the warnings.
 * Figures have five digits; the exact ones are in the report itself. Ends with a line break.
 */
export function formatReport(report: TrainingReport): string {
  return [factLines(report), errorTable(report), featureTable(report), ...report.warnings.map((warning) => `Warning: ${warning}\n`)].join(
    "\n",
  );
}

function factLines(report: TrainingReport): string {
  const unit = report.targetUnit === undefined ? "" : ` (${report.targetUnit})`;
  return table([
    ["Dataset", `${report.dataset}, ${report.rows} rows, sha256 ${report.datasetSha256.slice(0, 12)}`],
    ["Target", `${report.target}${unit}`],
    ["Model", `${modelText(report)}, ${report.features.length} features, fitted on ${report.fittedRows} rows`],
  ]);
}

function modelText({ kind, alpha, trees }: TrainingReport): string {
  if (kind === "linear") return alpha === 0 ? "linear regression" : `ridge regression, alpha ${alpha}`;
  return `${kind === "forest" ? "random forest" : "gradient boosting"}, ${trees} trees`;
}

function errorTable(report: TrainingReport): string {
  const rows = [
    ["Error", "rows", "MAE", "RMSE", "R²"],
    ["on rows it was fitted on", ...errorCells(report.inSample)],
  ];
  if (report.heldOut !== undefined) {
    const label = report.fitOn === "rest" ? "on held-out rows" : "on held-out rows, fitted without them";
    rows.push([label, ...errorCells(report.heldOut)]);
  }
  return (
    table(rows, 4) +
    (report.heldOut === undefined
      ? "No rows were held out: a model judged on the rows it was fitted on flatters itself.\n"
      : "Expect the held-out error of new rows; the other one flatters the model.\n")
  );
}

function errorCells(error: RegressionError): string[] {
  return [`${error.rows}`, figure(error.mae), figure(error.rmse), error.r2 === null ? "none" : figure(error.r2)];
}

function featureTable(report: TrainingReport): string {
  const rows = report.features.map(({ name, coefficient, importance, mean, std, min, max, unit = "" }) => {
    return [name, ...[coefficient ?? importance ?? 0, mean, std, min, max].map(figure), unit];
  });
  const effect = report.kind === "linear" ? "coefficient" : "importance";
  const last = report.intercept === undefined ? [] : [["intercept", figure(report.intercept)]];
  return table([["Feature", effect, "mean", "std", "min", "max", "unit"], ...rows, ...last], 5);
}

function figure(value: number): string {
  return `${Number(value.toPrecision(5))}`;
}

/** Columns two spaces apart: the first to the left, then `figures` columns to the right, then text to the left. */
function table(rows: readonly (readonly string[])[], figures = 0): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  return rows
    .map((row) => {
      const cells = row.map((cell, column) => {
        const width = widths[column] ?? 0;
        return column >= 1 && column <= figures ? cell.padStart(width) : cell.padEnd(width);
      });
      return `${cells.join("  ").trimEnd()}\n`;
    })
    .join("");
}
