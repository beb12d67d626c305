import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/**
 * Reads all that is in a store, compares the counts, and takes pages from its free list without keeping them. It is a text
 * because it runs in another process, from the sources and from the compiled program alike.
 */
const INSPECTION = `
  const [lmdb, path, ...names] = process.argv.slice(1);
  const { open } = require(lmdb);
  const undo = new Error();
  try {
    const root = open({ path, noSubdir: false, overlappingSync: false, maxDbs: 8 });
    const databases = names.map((name) => root.openDB({ name, encoding: "binary", keyEncoding: "binary" }));
    for (const [i, database] of databases.entries()) {
      let entries = 0;
      for (const { value } of database.getRange()) entries += value === undefined ? 0 : 1;
      if (entries !== database.getCount()) throw new Error("MDB_CORRUPTED: " + names[i] + " has " + entries + " entries and counts " + database.getCount());
    }
    root.transactionSync(() => {
      databases[0].putSync(Buffer.from("inspection"), Buffer.alloc(20_000));
      throw undo;
    });
  } catch (error) {
    if (error !== undo) process.stdout.write(String(error.message));
  }
`;

/** A store of 100 MiB is read in about a second. */
const TIMEOUT_MS = 30_000;
const TIMEOUT_MS_PER_MIB = 100;
/** How a process ends that trusted what it read. */
const CRASH_SIGNALS: readonly (NodeJS.Signals | null)[] = ["SIGSEGV", "SIGBUS", "SIGABRT", "SIGILL", "SIGFPE"];

/**
 * What is wrong with a store; undefined where it is sound, or not there.
 *
 * LMDB trusts its file. One that was cut short, zeroed or overwritten ends the process that opens it by a signal (SIGSEGV,
 * SIGBUS and SIGABRT were seen), or keeps it busy for ever. So another process goes first.
 */
export function damageOf(folder: string, databases: readonly string[]): string | undefined {
  const file = join(folder, "data.mdb");
  if (!existsSync(file)) return undefined;
  const lmdb = createRequire(import.meta.url).resolve("lmdb");
  const timeout = TIMEOUT_MS + Math.ceil(statSync(file).size / 2 ** 20) * TIMEOUT_MS_PER_MIB;
  const { error, signal, stdout } = spawnSync(process.execPath, ["--eval", INSPECTION, lmdb, folder, ...databases], {
    timeout,
    killSignal: "SIGKILL",
    encoding: "utf8",
  });
  if (error !== undefined && "code" in error && error.code === "ETIMEDOUT") return "reading it does not end";
  if (CRASH_SIGNALS.includes(signal)) return `reading it ends a process with ${signal}`;
  // Whatever else goes wrong, with the disk or with making a process, says nothing against the store.
  return isDamage(stdout) ? stdout : undefined;
}

/** Whether this is what LMDB says of a damaged file; not that it has no room or may not be read. */
export function isDamage(message: string): boolean {
  return /MDB_(INVALID|CORRUPTED|PAGE_NOTFOUND|NOTFOUND|KEYEXIST|VERSION_MISMATCH|INCOMPATIBLE|BAD_TXN|BAD_CHECKSUM|PANIC|PROBLEM|CURSOR_FULL|PAGE_FULL)/.test(
    message,
  );
}
