import { listedNames } from "@streamgauge/core";

/** What is asked of an upload once it is stored. */
export interface UploadedColumns {
  /** Columns, or fields, that were taken for features. */
  readonly names: readonly string[];
  /** Rows that have a label. */
  readonly labels: number;
  /** Whether the upload is CSV, whose labels are a column that the request names. */
  readonly isCsv: boolean;
}

/** Names that people give to the column of true values. */
const LABEL_NAMES = /^(y|y_?true|target|labels?|truth|actual|true_?value|outcome|response)$/i;

/**
 * What someone who uploads rows should know before they run them; one sentence each, often none.
 *
 * @param features - of the model; empty where they are not known.
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

/** @param candidate - a column that looks as if it held the labels. */
function withoutLabels(candidate: string | undefined, isCsv: boolean): string {
  const said = "No row has a label, so the job will have predictions and no errors.";
  if (!isCsv) return `${said} A label is the field y_true of a row: {"id": "a1", "features": {…}, "y_true": 151}.`;
  const query = `POST /jobs?target=${encodeURIComponent(candidate ?? "NAME")}`;
  return candidate === undefined
    ? `${said} If a column holds the labels, name it: ${query}.`
    : `${said} If the column ${JSON.stringify(candidate)} holds the labels, name it: ${query}.`;
}
