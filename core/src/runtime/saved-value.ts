import Type, { type TSchema } from "typebox";
import { Compile } from "typebox/compile";

/** What was saved cannot be read: it is damaged, or something else. */
export class SavedValueError extends Error {
  override readonly name = "SavedValueError";
  readonly what: string;
  /** What is wrong with it, without its name. */
  readonly problem: string;

  constructor(what: string, problem: string, options?: ErrorOptions) {
    super(`${what} cannot be read: ${problem}`, options);
    this.what = what;
    this.problem = problem;
  }
}

/** What was saved comes from a later version of this program. It is left as it is. */
export class LaterVersionError extends Error {
  override readonly name = "LaterVersionError";
  readonly what: string;
  readonly version: number;
  readonly known: number;

  constructor(what: string, version: number, known: number) {
    super(
      `${what} was written by a later version of Streamgauge (format ${version}; this program knows up to ${known}). Run that version, or move it away; ` +
        "nothing was changed.",
    );
    this.what = what;
    this.version = version;
    this.known = known;
  }
}

/** A double in saved JSON: numbers that JSON does not have are objects like `{"double":"Infinity"}`. */
export const SavedDouble = Type.Union([
  Type.Number(),
  Type.Object({ double: Type.Union([Type.Literal("NaN"), Type.Literal("Infinity"), Type.Literal("-Infinity")]) }),
]);

export interface SavedFormatOptions<T extends { readonly version: number }> {
  /** For messages, as the start of a sentence: "The state of metrics". */
  readonly what: string;
  /** The present version; versions count from 1. */
  readonly version: T["version"];
  /** What the present version looks like, as it is saved. */
  readonly schema: TSchema;
  /** By version: turns what that version saved into what the next one would have. There is one for each version before the present. */
  readonly upgrades: Readonly<Record<number, (older: unknown) => unknown>>;
}

/**
 * How a value is kept between two lives of a process: as JSON, with a version and a schema. A value of an earlier version is brought up to
 * date when it is read; one of a later version is refused; one that fits no version is refused too, and never becomes undefined fields.
 */
export class SavedFormat<T extends { readonly version: number }> {
  readonly version: T["version"];
  readonly #options: SavedFormatOptions<T>;
  readonly #schema: { Check(value: unknown): boolean; Errors(value: unknown): readonly { instancePath: string; message: string }[] };

  constructor(options: SavedFormatOptions<T>) {
    this.#options = options;
    this.version = options.version;
    this.#schema = Compile(options.schema);
  }

  write(value: T): string {
    return JSON.stringify(value, (_, part: unknown) =>
      typeof part === "number" && !Number.isFinite(part) ? { double: String(part) } : part,
    );
  }

  /** @throws LaterVersionError, SavedValueError */
  read(text: string): T {
    return this.readParsed(this.#parse(text));
  }

  /** @param parsed - what `JSON.parse` returned; it becomes the result. @throws LaterVersionError, SavedValueError */
  readParsed(parsed: unknown): T {
    const { what, version, upgrades } = this.#options;
    let value = parsed;
    const saved = versionOf(value);
    if (saved > version) throw new LaterVersionError(what, saved, version);
    for (let from = saved; from < version; from += 1) value = this.#upgrade(upgrades[from], from, value);
    if (!this.#fits(value)) throw new SavedValueError(what, this.#problemOf(value));
    restoreDoubles(value);
    return value;
  }

  #fits(value: unknown): value is T {
    return this.#schema.Check(value);
  }

  #parse(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new SavedValueError(this.#options.what, "it is not JSON", { cause: error });
    }
  }

  #upgrade(upgrade: ((older: unknown) => unknown) | undefined, from: number, value: unknown): unknown {
    if (upgrade === undefined) throw new SavedValueError(this.#options.what, `version ${from} is not known`);
    try {
      return upgrade(value);
    } catch (error) {
      throw new SavedValueError(this.#options.what, `it does not look like version ${from}`, { cause: error });
    }
  }

  #problemOf(value: unknown): string {
    const [first] = this.#schema.Errors(value);
    return `${first?.instancePath || "it"} ${first?.message ?? "is wrong"}`;
  }
}

/** The version that a value names; 1 if it names none, as the first versions did. */
function versionOf(value: unknown): number {
  const { version }: { version?: unknown } = Object(value);
  return typeof version === "number" && Number.isSafeInteger(version) && version >= 1 ? version : 1;
}

/** Replaces what stands for a number that JSON does not have. In place: a reviver of JSON.parse takes ten times as long. */
function restoreDoubles(value: object): void {
  // Most values are long rows of numbers.
  const parts: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  if (!parts.some((part) => typeof part === "object")) return;
  for (const [key, part] of Object.entries(value)) {
    if (isDouble(part)) Reflect.set(value, key, Number(part.double));
    else if (typeof part === "object" && part !== null) restoreDoubles(part);
  }
}

function isDouble(part: unknown): part is { readonly double: string } {
  return typeof part === "object" && part !== null && "double" in part && typeof part.double === "string";
}
