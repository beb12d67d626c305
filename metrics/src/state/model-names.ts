import type { Database, RootDatabase } from "lmdb";

/** The LMDB database of the names. */
export const NAME_DATABASE = "model-names";

/** Numbers for the names of model versions, in LMDB: a record of a line has no room for a name. A number is given once. */
export class ModelNames {
  readonly #names: Database<Buffer, number> | undefined;
  readonly #numbers = new Map<string, number>();

  constructor(root: RootDatabase) {
    this.#names = root.openDB({ name: NAME_DATABASE, encoding: "binary" });
    for (const { key, value } of this.#names?.getRange() ?? []) this.#numbers.set(value.toString("utf8"), key);
  }

  /** Within a commit: the number of a name, a new one for a new name. */
  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(name, number);
    this.#names?.putSync(number, Buffer.from(name));
    return number;
  }

  /** The names by their numbers. */
  list(): readonly string[] {
    return [...this.#numbers].toSorted(([, a], [, b]) => a - b).map(([name]) => name);
  }
}
