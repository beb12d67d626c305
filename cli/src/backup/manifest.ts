import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MOST_PARTITIONS, replaceFile, SavedFormat, SavedValueError } from "@streamgauge/core";
import Type from "typebox";
import { BackupError } from "./backup-error.js";

/** What a backup is of, and the files that it consists of. */
export interface Manifest {
  readonly version: 1;
  readonly lane: string;
  /** Of the lane; left out of one. */
  readonly partitions?: number;
  /** When it was begun, ISO 8601. */
  readonly made: string;
  /** Lines of the log, of all partitions. */
  readonly lines: number;
  /** Paths are relative to the backup, with forward slashes. */
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
}

/** What was copied and verified. */
export interface CheckedCopy {
  readonly manifest: Manifest;
  /** A sentence for each thing that the lane itself lacked. */
  readonly lacks: readonly string[];
}

const NAME = "backup.json";
const FORMAT = new SavedFormat<Manifest>({
  what: "The list of a backup's files",
  version: 1,
  schema: Type.Object({
    version: Type.Literal(1),
    lane: Type.String(),
    partitions: Type.Optional(Type.Integer({ minimum: 2, maximum: MOST_PARTITIONS })),
    made: Type.String(),
    lines: Type.Integer({ minimum: 0 }),
    files: Type.Array(
      Type.Object({
        path: Type.String({ pattern: "^(?!/)(?!.*\\.\\.)" }),
        bytes: Type.Integer({ minimum: 0 }),
        sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
      }),
    ),
  }),
  upgrades: {},
});

export function writeManifest(folder: string, manifest: Manifest): void {
  replaceFile(join(folder, NAME), `${FORMAT.write(manifest)}\n`);
}

/** @throws BackupError if the folder has none, or one that cannot be read; LaterVersionError */
export function readManifest(folder: string): Manifest {
  let text: string;
  try {
    text = readFileSync(join(folder, NAME), "utf8");
  } catch (cause) {
    throw new BackupError(`${folder} is no backup: it has no ${NAME}. Give the folder that \`streamgauge backup\` made.`, { cause });
  }
  try {
    return FORMAT.read(text);
  } catch (cause) {
    if (!(cause instanceof SavedValueError)) throw cause;
    throw new BackupError(`${join(folder, NAME)} is damaged (${cause.problem}): use another backup.`, { cause });
  }
}
