import { readFileSync } from "node:fs";
import { readCsv } from "@streamgauge/core";
import { DEFAULT_DATASET } from "@streamgauge/features";

/** The rows of the diabetes study, as clients send them. */
export interface StudyRows {
  /** As lines of CSV, without line breaks. */
  readonly header: string;
  readonly lines: readonly string[];
  /** Features by name, without the target. */
  readonly features: readonly Readonly<Record<string, number>>[];
}

export function studyRows(): StudyRows {
  const bytes = readFileSync(DEFAULT_DATASET);
  const { header, rows } = readCsv(bytes);
  const [first = "", ...lines] = bytes.toString("utf8").trimEnd().split("\n");
  const features = rows.map(({ cells }) =>
    Object.fromEntries(header.flatMap((name, at) => (name === "target" ? [] : [[name, Number(cells[at])]]))),
  );
  return { header: first, lines, features };
}
