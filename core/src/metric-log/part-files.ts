import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** A part that a log has finished, by its name: `metric_log.000003-20260131.csv`, or the same with `.gz`. */
export interface PartName {
  /** Parts count from 1. */
  readonly number: number;
  /** The UTC day of its last commit, as `20260131`. */
  readonly day: string;
}

/** A finished part that is there. */
export interface PartFile extends PartName {
  readonly path: string;
  readonly isCompressed: boolean;
}

const GZ = ".gz";

/** The path of a finished part before it is compressed. @param log - the path of the log, whose newest part has that name. */
export function partPath(log: string, { number, day }: PartName): string {
  return `${stemOf(log)}.${String(number).padStart(6, "0")}-${day}.csv`;
}

/** Where a part is when it is compressed. @param plain - see `partPath`. */
export function compressedPath(plain: string): string {
  return `${plain}${GZ}`;
}

/** The finished parts of a log, by their numbers. A part that is there twice, for it was just compressed, is the plain one. */
export function partFilesOf(log: string): readonly PartFile[] {
  const found = new Map<number, PartFile>();
  for (const { file, isUnfinished } of allPartFilesOf(log)) if (!isUnfinished && !found.has(file.number)) found.set(file.number, file);
  return [...found.values()].toSorted((one, other) => one.number - other.number);
}

/** The paths of all files of finished parts, also of those that are there twice or half compressed. */
export function partPathsOf(log: string): readonly string[] {
  return allPartFilesOf(log).map(({ file }) => file.path);
}

/** Sorted: a plain part comes before a compressed one. */
function allPartFilesOf(log: string): readonly { readonly file: PartFile; readonly isUnfinished: boolean }[] {
  const folder = dirname(log);
  if (!existsSync(folder)) return [];
  const start = `${basename(stemOf(log))}.`;
  const names = readdirSync(folder).filter((name) => name.startsWith(start));
  return names.toSorted().flatMap((name) => {
    const [, number, day = "", gz, unfinished] = /^(\d{6,})-(\d{8})\.csv(\.gz)?(\.new)?$/.exec(name.slice(start.length)) ?? [];
    if (number === undefined) return [];
    const file = { number: Number(number), day, path: join(folder, name), isCompressed: gz !== undefined };
    return [{ file, isUnfinished: unfinished !== undefined }];
  });
}

/** Where a part is compressed to, before it is whole. */
export function unfinishedPath(plain: string): string {
  return `${compressedPath(plain)}.new`;
}

/** The UTC day of a time, as `20260131`. @param time - ms since 1970. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10).replaceAll("-", "");
}

function stemOf(log: string): string {
  return log.replace(/\.csv$/, "");
}
