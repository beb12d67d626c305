import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import Type from "typebox";
import { replaceFile, syncFolder } from "../runtime/durable-file.js";
import { SavedFormat, SavedValueError } from "../runtime/saved-value.js";
import type { PartName } from "./part-files.js";

/** What is known of a finished part, whether its file is still there or not. */
export interface NotedPart extends PartName {
  /** The position in the log at which it ends. It begins where the one before ends. */
  readonly to: number;
  /** Lines in it, without its header and malformed ones. */
  readonly lines: number;
}

interface Manifest {
  readonly version: 1;
  readonly parts: readonly NotedPart[];
}

const count = Type.Integer({ minimum: 0 });
const FORMAT = new SavedFormat<Manifest>({
  what: "The list of the parts of the log",
  version: 1,
  schema: Type.Object({
    version: Type.Literal(1),
    parts: Type.Array(Type.Object({ number: count, day: Type.String({ pattern: "^\\d{8}$" }), to: count, lines: count })),
  }),
  upgrades: {},
});

/** Where the parts of a log are noted. */
export function manifestPath(log: string): string {
  return join(dirname(log), ".state", `${basename(log, ".csv")}.parts.json`);
}

/** The parts that are noted, in order; none if nothing is, or the list is damaged: it is made anew from the files. @throws LaterVersionError */
export function notedParts(log: string): readonly NotedPart[] {
  const path = manifestPath(log);
  if (!existsSync(path)) return [];
  try {
    return FORMAT.read(readFileSync(path, "utf8")).parts;
  } catch (error) {
    if (error instanceof SavedValueError) return [];
    throw error;
  }
}

/** Notes the parts of a log, durably. */
export function noteParts(log: string, parts: readonly NotedPart[]): void {
  const path = manifestPath(log);
  replaceFile(path, `${FORMAT.write({ version: 1, parts })}\n`);
  syncFolder(dirname(path));
}
