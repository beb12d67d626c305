import type { Database, RootDatabase } from "lmdb";

/** The LMDB database of the names of model versions. */
export const NAME_DATABASE = "model-names";

/** Numbers for names, in LMDB: a record of a line has no room for a name. A number is given once. */
export class NumberedNames {
  readonly #names: Database<Buffer, number> | undefined;
  readonly #numbers = new Map<string, number>();
  readonly #byNumber: string[] = [];
  #last: readonly [name: string, number: number] | undefined;

  /** @param database - the LMDB database of the names. */
  constructor(root: RootDatabase, database: string) {
    this.#names = root.openDB({ name: database, encoding: "binary" });
    for (const { key, value } of this.#names?.getRange() ?? []) this.#keep(value.toString("utf8"), key);
  }

  /** Within a commit: the number of a name, a new one for a new name. */
  numberOf(name: string): number {
    if (this.#last?.[0] === name) return this.#last[1];
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#keep(name, number);
      this.#names?.putSync(number, Buffer.from(name));
    }
    this.#last = [name, number];
    return number;
  }

  #keep(name: string, number: number): void {
    this.#numbers.set(name, number);
    this.#byNumber[number] = name;
  }

  /** The number of a name; undefined if it has none. */
  find(name: string): number | undefined {
    return this.#numbers.get(name);
  }

  /** The name with a number; empty if none has it. */
  nameOf(number: number): string {
    return this.#byNumber[number] ?? "";
  }
}
