import { accessSync, constants, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { errorText, EVENT_TIME, listedNames } from "@streamgauge/core";
import { DatasetError } from "@streamgauge/features";
import type { HistoryColumns } from "./history.js";

/** The report cannot be written where it should be. */
export class ReportPathError extends Error {
  override readonly name = "ReportPathError";
  readonly path: string;

  constructor(path: string, detail: string, options?: ErrorOptions) {
    super(`The report could not be written to ${path}: ${detail}. Choose another file with --out.`, options);
    this.path = path;
  }
}

/** Known before a run of minutes rather than after it. @throws ReportPathError */
export function requireWritable(path: string): void {
  try {
    accessSync(dirname(resolve(path)), constants.W_OK);
  } catch (error) {
    throw new ReportPathError(path, errorText(error), { cause: error });
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) throw new ReportPathError(path, "it is a folder");
}

/**
 * Each feature of a model is a column of the history that says nothing else. A model that takes event_time gets it from the column of times.
 *
 * @param features - of the model. @param others - the columns of the history beside target, time and id. @throws DatasetError
 */
export function requireFeatures(
  features: readonly string[],
  data: string,
  { target, time, id }: HistoryColumns,
  others: readonly string[],
): void {
  const missing = features.find((name) => !others.includes(name) && (name !== EVENT_TIME || name === target || name === id));
  if (missing === undefined) return;
  const taken = { [id]: ["ids", "--id"], [time]: ["event times", "--time"], [target]: ["labels", "--target"] }[missing];
  const [role, option] = taken ?? [];
  throw new DatasetError(
    data,
    role === undefined
      ? `has no column ${JSON.stringify(missing)}, which the model takes as a feature: beside labels, times and ids it has ${listedNames(others)}.`
      : `cannot have its ${role} in the column ${JSON.stringify(missing)}, which the model takes as a feature: name another column with ${option}.`,
  );
}

/** Options that name columns, as they were given. */
interface TypedColumns {
  readonly target?: string;
  readonly time?: string;
  readonly id?: string;
}

/** A message with options in place of the settings that they stand for, if they were given. */
export function asTyped(message: string, { target, time, id }: TypedColumns): string {
  const given = [
    ["TARGET_COLUMN", "--target", target],
    ["TIME_COLUMN", "--time", time],
    ["ID_COLUMN", "--id", id],
  ] as const;
  return given.reduce((text, [setting, option, value]) => {
    const [before, after] = text.split(`set ${setting} `);
    // A setting may be empty; an option that was given is meant.
    return value === undefined || after === undefined ? text : `${before}set ${option} ${after.replace(", or leave it empty", "")}`;
  }, message);
}
