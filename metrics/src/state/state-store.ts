import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { open, type Database, type RootDatabase } from "lmdb";
import { FileChangedError, syncFolder } from "../log/append-file.js";
import { HALF_DATABASES, HalfTable, type Side } from "./half-table.js";
import { PendingHalves } from "./pending-halves.js";
import { GENERATIONS_FORMAT, STATE_FORMAT, type CommittedState } from "./saved-state.js";
import type { Generation } from "../log/metric-log.js";

/** What a store holds, by name. */
export const DATABASES: readonly string[] = [...HALF_DATABASES, "meta"];

/** What one transaction leaves behind, beside the halves. */
export interface Commit {
  readonly state: CommittedState;
  /** The last bytes of the log, to mend it where it loses them. */
  readonly tail: Buffer;
  /** Those of the log; undefined where they are as they were. */
  readonly generations: readonly Generation[] | undefined;
}

/**
 * What metrics must not forget, in LMDB: the half pairs that wait, and how far the files are committed. Everything is
 * changed in one transaction a commit cycle, which is on disk when `commit` returns. Another process may read it meanwhile.
 */
export class StateStore {
  readonly #root: RootDatabase;
  readonly #path: string;
  readonly #inode: number;
  #size: number;
  readonly #halves: HalfTable;
  #pending: PendingHalves | undefined;
  readonly #meta: Database<Buffer, string>;

  private constructor(root: RootDatabase, folder: string) {
    this.#root = root;
    this.#halves = new HalfTable(root);
    this.#meta = root.openDB({ name: "meta", encoding: "binary" });
    this.#path = dataFile(folder);
    const { ino, size } = statSync(this.#path);
    this.#inode = ino;
    this.#size = size;
  }

  /** Whether the files are there that a store needs to be opened, whatever they hold. */
  static wasUsed(folder: string): boolean {
    return existsSync(dataFile(folder)) && existsSync(join(folder, "lock.mdb"));
  }

  /** @param folder - made where it is missing. Have it inspected first: LMDB ends the process over some damage. @throws what LMDB says of other damage. */
  static open(folder: string): StateStore {
    const isNew = !existsSync(dataFile(folder));
    mkdirSync(folder, { recursive: true });
    // Without overlappingSync a commit is on disk when it returns; with it, only soon after.
    const store = new StateStore(open({ path: folder, noSubdir: false, overlappingSync: false, maxDbs: 8 }), folder);
    // LMDB syncs the file and not its name, and the folders may be as new.
    if (isNew) for (const named of [folder, dirname(folder), dirname(dirname(folder))]) syncFolder(named);
    return store;
  }

  /** For a look from outside while metrics runs, or when it does not. @throws where there is no state in the folder. */
  static openReadOnly(folder: string): StateStore {
    // LMDB would make the folder.
    if (!existsSync(dataFile(folder))) throw new Error(`${folder} has no state of metrics.`);
    return new StateStore(open({ path: folder, noSubdir: false, readOnly: true, maxDbs: 8 }), folder);
  }

  /** What was committed last; undefined in a new store. @throws SavedValueError, LaterVersionError */
  state(): CommittedState | undefined {
    const bytes = this.#meta.getBinary("state");
    return bytes === undefined ? undefined : STATE_FORMAT.read(bytes.toString("utf8"));
  }

  /** The last bytes of the committed log. */
  tail(): Buffer {
    return this.#meta.getBinary("tail") ?? Buffer.alloc(0);
  }

  /** The generations of the log's index; empty in a new store. @throws SavedValueError, LaterVersionError */
  generations(): readonly Generation[] {
    const bytes = this.#meta.getBinary("generations");
    return bytes === undefined ? [] : GENERATIONS_FORMAT.read(bytes.toString("utf8")).generations;
  }

  /** Runs `work` as one transaction and makes it durable. When `work` throws, nothing of it happened. */
  commit(work: () => Commit): void {
    this.#root.transactionSync(() => {
      const { state, tail, generations } = work();
      this.#meta.putSync("state", Buffer.from(STATE_FORMAT.write(state)));
      this.#meta.putSync("tail", tail);
      if (generations !== undefined) this.#meta.putSync("generations", Buffer.from(GENERATIONS_FORMAT.write({ version: 2, generations })));
    });
  }

  /**
   * A store that is no longer there, or not whole, must not be used: what is put into it is lost, and a look at what was cut
   * off ends the process.
   *
   * @throws FileChangedError
   */
  assertUntouched(): void {
    const now = statSync(this.#path, { throwIfNoEntry: false });
    if (now === undefined) throw new FileChangedError(this.#path, "was deleted");
    if (now.ino !== this.#inode) throw new FileChangedError(this.#path, "was replaced");
    if (now.size < this.#size) throw new FileChangedError(this.#path, `shrank from ${this.#size} to ${now.size} bytes`);
    this.#size = now.size;
  }

  /**
   * The halves that wait: the only way to change them. The first call reads all of their ids. After a `commit` that failed they
   * no longer agree with the store: open a new one.
   */
  get pending(): PendingHalves {
    return (this.#pending ??= new PendingHalves(this.#halves));
  }

  /** How many halves of a side wait, counted by the store itself. */
  count(side: Side): number {
    return this.#halves.count(side);
  }

  async close(): Promise<void> {
    await this.#root.close();
  }
}

function dataFile(folder: string): string {
  return join(folder, "data.mdb");
}
