import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { errorText, replaceSharedFile, SavedFormat, SavedValueError, syncFolder, type Logger } from "@streamgauge/core";
import Type from "typebox";

/** No alert of a rule is sent for a time. */
export interface Silence {
  readonly rule: string;
  /** The lane; null: all. */
  readonly lane: string | null;
  /** ms since 1970. */
  readonly until: number;
}

interface SavedSilences {
  readonly version: 1;
  readonly silences: readonly Silence[];
}

const FORMAT = new SavedFormat<SavedSilences>({
  what: "The silences",
  version: 1,
  schema: Type.Object({
    version: Type.Literal(1),
    silences: Type.Array(
      Type.Object({
        rule: Type.String(),
        lane: Type.Union([Type.String(), Type.Null()]),
        until: Type.Number(),
      } satisfies Record<keyof Silence, unknown>),
    ),
  }),
  upgrades: {},
});

function silencesPath(logsDir: string): string {
  return join(logsDir, ".state", "silences.json");
}

/** The silences that are not over. @throws SavedValueError, LaterVersionError */
export function readSilences(logsDir: string, now: number): readonly Silence[] {
  const path = silencesPath(logsDir);
  if (!existsSync(path)) return [];
  return FORMAT.read(readFileSync(path, "utf8")).silences.filter(({ until }) => until > now);
}

/** Adds a silence durably; it replaces one for the same rule and lane, or a file that is damaged. One that is over already only removes that one. @throws LaterVersionError */
export function addSilence(logsDir: string, silence: Silence, now: number): void {
  const others = readable(logsDir, now).filter(({ rule, lane }) => rule !== silence.rule || lane !== silence.lane);
  const silences = silence.until > now ? [...others, silence] : others;
  replaceSharedFile(silencesPath(logsDir), FORMAT.write({ version: 1, silences }));
  syncFolder(join(logsDir, ".state"));
}

/** Of a damaged file nothing counts. */
function readable(logsDir: string, now: number): readonly Silence[] {
  try {
    return readSilences(logsDir, now);
  } catch (error) {
    if (error instanceof SavedValueError) return [];
    throw error;
  }
}

/** The silences of one lane, as the file says now. A file that cannot be read silences nothing, and the log says so. */
export class LaneSilences {
  readonly #logsDir: string;
  readonly #lane: string;
  readonly #log: Logger;
  #readAt = "";
  #silences: readonly Silence[] = [];

  constructor(logsDir: string, lane: string, log: Logger) {
    this.#logsDir = logsDir;
    this.#lane = lane;
    this.#log = log;
  }

  /** @param now - ms since 1970. */
  readonly isSilenced = (rule: string, now: number): boolean => {
    this.#refresh(now);
    return this.#silences.some((each) => each.rule === rule && (each.lane === null || each.lane === this.#lane) && each.until > now);
  };

  #refresh(now: number): void {
    const stat = statSync(silencesPath(this.#logsDir), { throwIfNoEntry: false });
    const version = stat === undefined ? "" : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
    if (version === this.#readAt) return;
    this.#readAt = version;
    this.#silences = [];
    try {
      this.#silences = readSilences(this.#logsDir, now);
    } catch (error) {
      this.#log.error(`${errorText(error)}. Nothing is silenced: remove ${silencesPath(this.#logsDir)}, or silence anew.`);
    }
  }
}
