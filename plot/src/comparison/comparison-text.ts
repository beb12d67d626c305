import { LARGEST_NUMBER } from "@streamgauge/core";
import { LEAST_ROWS } from "./confidence-sequence.js";
import { countText, timeText } from "../picture-text.js";
import type { ComparedLanes } from "./compared-lanes.js";

/** A value of any sign to four digits; a dash for none. */
export function figureText(value: number): string {
  if (Math.abs(value) === Infinity) return `beyond ${value < 0 ? "-" : ""}${LARGEST_NUMBER}`;
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : "–";
}

/** Whether both lanes have the same error on every row. */
export function areEqual({ rows, tied }: Pick<ComparedLanes, "rows" | "tied">): boolean {
  return rows > 0 && tied === rows;
}

/** Who is better, as a title. */
export function verdictText({ verdict, champion, challenger, ...counts }: ComparedLanes): string {
  if (areEqual(counts)) return `No difference between ${champion} and ${challenger}`;
  if (verdict === "challenger") return `${capital(challenger)} is better than ${champion}`;
  if (verdict === "champion") return `${capital(champion)} is better than ${challenger}`;
  return `Neither ${champion} nor ${challenger} is shown to be better`;
}

/** The difference and how sure it is, as a sentence. */
export function differenceText(lanes: ComparedLanes): string {
  const { difference, challenger, unit, rows } = lanes;
  if (areEqual(lanes))
    return `None: both have the same error on ${rows === 1 ? "the one row" : `each of the ${countText(rows)} rows`} of both.`;
  if (difference === undefined && rows < LEAST_ROWS) return `Fewer than ${LEAST_ROWS} rows say nothing of the difference.`;
  if (difference === undefined) return `It cannot be computed: errors, or their squares, are beyond ${LARGEST_NUMBER}, the largest number.`;
  const { mean, lower, upper } = difference;
  const isLarger = mean < 0;
  const [by, least, most] = isLarger ? [-mean, -upper, -lower] : [mean, lower, upper];
  const range = `${figureText(least)} to ${figureText(most)}${unit === "" ? "" : ` ${unit}`}`;
  return `${capital(challenger)}'s absolute error is ${isLarger ? "larger" : "smaller"} by ${figureText(by)} (${range}; 95 % sure, whenever one looks).`;
}

/** All of a comparison for a terminal. */
export function comparisonText(lanes: ComparedLanes): string {
  const { rows, missed, won, lost, tied, deciles, decileRows, championMae, challengerMae, champion, challenger, time } = lanes;
  const share = (part: number) => (rows === 0 ? "" : ` (${((100 * part) / rows).toFixed(1)} %)`);
  const lines = [
    `${verdictText(lanes)}.`,
    "",
    `rows of both    ${countText(rows)}`,
    `missed          ${countText(missed)} rows that ${champion} has logged and ${challenger} has not, or not yet`,
    `MAE             ${champion} ${figureText(championMae)}, ${challenger} ${figureText(challengerMae)}`,
    `closer          ${challenger} on ${countText(won)}${share(won)}, ${champion} on ${countText(lost)}${share(lost)}, equal on ${countText(tied)}`,
    `difference      ${differenceText(lanes)}`,
    `as of           ${timeText(time)}`,
  ];
  if (deciles.length === 0) return `${lines.join("\n")}\n`;
  const table = [
    ["y_true", "rows", champion, challenger, "difference", `${challenger} closer`],
    ...deciles.map((decile) => [
      `${figureText(decile.from)} to ${figureText(decile.to)}`,
      countText(decile.rows),
      figureText(decile.championMae),
      figureText(decile.challengerMae),
      figureText(decile.championMae - decile.challengerMae),
      `${((100 * decile.won) / decile.rows).toFixed(1)} %`,
    ]),
  ];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  const sample = decileRows < rows ? `, from an even sample of ${countText(decileRows)} rows` : "";
  const body = table.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  "),
  );
  return `${[...lines, "", `MAE by tenths of the true values${sample}:`, ...body].join("\n")}\n`;
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
