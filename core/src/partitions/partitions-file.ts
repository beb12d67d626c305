import { existsSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import Type from "typebox";
import { OtherPartitionsError } from "../bus/bus.js";
import { replaceFile, replaceSharedFile, syncFolder } from "../runtime/durable-file.js";
import { SavedFormat } from "../runtime/saved-value.js";
import { lanesIn } from "./lanes-in.js";
import { MOST_PARTITIONS } from "./partition-of-ids.js";

interface SavedPartitions {
  readonly version: 1;
  readonly partitions: number;
}

const FORMAT = new SavedFormat<SavedPartitions>({
  what: "The number of partitions",
  version: 1,
  schema: Type.Object({ version: Type.Literal(1), partitions: Type.Integer({ minimum: 2, maximum: MOST_PARTITIONS }) }),
  upgrades: {},
});

/** Where a folder says how many partitions its lanes have, if they have several. */
export function partitionsPath(logsDir: string): string {
  return join(logsDir, ".state", "partitions.json");
}

/** The partitions of the lanes in LOGS_DIR; 1 if the folder does not say. @throws LaterVersionError, SavedValueError */
export function readPartitions(logsDir: string): number {
  const path = partitionsPath(logsDir);
  return existsSync(path) ? FORMAT.read(readFileSync(path, "utf8")).partitions : 1;
}

/** A change of the number that has begun. */
export interface Repartition {
  readonly from: number;
  readonly to: number;
  /** The folder in LOGS_DIR where the files of before go. */
  readonly archive: string;
}

const REPARTITION_FORMAT = new SavedFormat<Repartition & { readonly version: 1 }>({
  what: "The note of a repartition",
  version: 1,
  schema: Type.Object({ version: Type.Literal(1), from: Type.Integer(), to: Type.Integer(), archive: Type.String() }),
  upgrades: {},
});

function repartitionPath(logsDir: string): string {
  return join(logsDir, ".state", "repartition.json");
}

/** The change of the number that was begun in LOGS_DIR and is not over; undefined if there is none. @throws LaterVersionError, SavedValueError */
export function readRepartition(logsDir: string): Repartition | undefined {
  const path = repartitionPath(logsDir);
  return existsSync(path) ? REPARTITION_FORMAT.read(readFileSync(path, "utf8")) : undefined;
}

/** Notes it durably; undefined: it is over. */
export function noteRepartition(logsDir: string, repartition: Repartition | undefined): void {
  const path = repartitionPath(logsDir);
  if (repartition === undefined) rmSync(path, { force: true });
  else replaceFile(path, REPARTITION_FORMAT.write({ version: 1, ...repartition }));
  syncFolder(dirname(path));
}

/** A change of the number was interrupted. */
export class UnfinishedRepartitionError extends Error {
  override readonly name = "UnfinishedRepartitionError";
  readonly logsDir: string;

  constructor(logsDir: string, to: number) {
    super(
      `${logsDir} is being divided into ${to} partitions, or that was interrupted: run "streamgauge repartition --to ${to}" to its end.`,
    );
    this.logsDir = logsDir;
  }
}

/**
 * Makes sure that the lanes in LOGS_DIR have this number of partitions, as it is one for all. A folder without a log of any lane takes the number over.
 *
 * @throws OtherPartitionsError, UnfinishedRepartitionError
 */
export function requirePartitions(logsDir: string, wanted: number): void {
  checkPartitions(logsDir, wanted);
  if (readPartitions(logsDir) !== wanted) writePartitions(logsDir, wanted);
}

/**
 * The same for a reader: a folder without a log of any lane stays as it is.
 *
 * @throws OtherPartitionsError, UnfinishedRepartitionError
 */
export function checkPartitions(logsDir: string, wanted: number): void {
  const begun = readRepartition(logsDir);
  if (begun !== undefined) throw new UnfinishedRepartitionError(logsDir, begun.to);
  const held = readPartitions(logsDir);
  if (held !== wanted && (held > 1 || lanesIn(logsDir, held).length > 0)) throw new OtherPartitionsError({ holder: logsDir, wanted, held });
}

/** Notes the number, durably. One is noted by no file. */
export function writePartitions(logsDir: string, partitions: number): void {
  const path = partitionsPath(logsDir);
  if (partitions === 1) rmSync(path, { force: true });
  else replaceSharedFile(path, FORMAT.write({ version: 1, partitions }));
  syncFolder(dirname(path));
}
