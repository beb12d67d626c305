import { listedNames } from "@streamgauge/core";

/** What the warnings about an upload depend on. */
export interface UploadedColumns {
  /** Columns or fields that were taken as features. */
  readonly names: readonly string[];
  /** Rows with a label. */
  readonly labels: number;
  /** Whether the upload is CSV, where the request names the label column. */
  readonly isCsv: boolean;
}

/** Common names of a label column. */
const LABEL_NAMES = /^(y|y_?true|target|labels?|truth|actual|true_?value|outcome|response)$/i;

/**
 * Warnings about an upload, before its rows are run; one sentence each, often none.
 *
 * @param features - the model's features; empty if unknown.
 */
export function uploadWarnings({ names, labels, isCsv }: UploadedColumns, features: readonly string[]): string[] {
  const others = features.length === 0 ? undefined : names.filter((name) => !features.includes(name));
  const warnings: string[] = [];
  if (others !== undefined && others.length > 0)
    warnings.push(`The model does not take these columns, they are passed over: ${listedNames(others)}.`);
  if (labels === 0)
    warnings.push(
      withoutLabels(
        (others ?? names).find((name) => LABEL_NAMES.test(name)),
        isCsv,
      ),
    );
  return warnings;
}

/** @param candidate - a column that looks like labels. */
function withoutLabels(candidate: string | undefined, isCsv: boolean): string {
  const said = "No row has a label, so the job will have predictions and no errors.";
  if (!isCsv) return `${said} A label is the field y_true of a row: {"id": "a1", "features": {…}, "y_true": 151}.`;
  const query = `POST /jobs?target=${encodeURIComponent(candidate ?? "NAME")}`;
  return candidate === undefined
    ? `${said} If a column holds the labels, name it: ${query}.`
    : `${said} If the column ${JSON.stringify(candidate)} holds the labels, name it: ${query}.`;
}
