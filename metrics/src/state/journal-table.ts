import type { Database, RootDatabase } from "lmdb";

/** The LMDB database of the table. */
export const JOURNAL_DATABASE = "journal";

/** What happened in the commits since the windows were stored, by the number of the commit, in LMDB. Every change belongs to a transaction. */
export class JournalTable {
  readonly #commits: Database<Buffer, number> | undefined;

  constructor(root: RootDatabase) {
    // The store of an earlier version that is opened for reading has none.
    this.#commits = root.openDB({ name: JOURNAL_DATABASE, encoding: "binary" });
  }

  put(commit: number, events: Buffer): void {
    this.#commits?.putSync(commit, events);
  }

  /** Ascending. */
  *list(): Generator<{ readonly commit: number; readonly events: Buffer }> {
    for (const { key, value } of this.#commits?.getRange() ?? []) yield { commit: key, events: value };
  }

  clear(): void {
    const commits = Array.from(this.#commits?.getKeys() ?? []);
    for (const commit of commits) this.#commits?.removeSync(commit);
  }
}
