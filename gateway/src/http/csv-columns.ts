import { isTimeZone, quote } from "@streamgauge/core";
import type { RecordColumns } from "../ingress/raw-items.js";
import { ProblemError } from "./problem.js";

/** What the settings say about the columns of CSV files. */
export interface CsvColumns {
  /** TEXT_COLUMNS. */
  readonly textColumns: readonly string[];
  /** TIME_COLUMN. */
  readonly timeColumn?: string | undefined;
  /** TIME_ZONE. */
  readonly timeZone?: string | undefined;
}

/** What a request says about them. */
export interface TimeColumnQuery {
  readonly time_column?: string;
  readonly time_zone?: string;
}

/** How the columns of a request's CSV are meant. @param features - the model's, if they are known. @throws ProblemError */
export function recordColumns(
  { textColumns, timeColumn, timeZone }: CsvColumns,
  { time_column: named, time_zone: zone = timeZone }: TimeColumnQuery,
  features: readonly string[],
): RecordColumns {
  if (zone !== undefined && !isTimeZone(zone))
    throw new ProblemError(
      400,
      `time_zone is ${quote(zone)}: it must be a time zone of the IANA database, for example ?time_zone=Europe/Berlin`,
    );
  return { textColumns, time: { named: named?.trim(), usual: timeColumn, zone }, features };
}
