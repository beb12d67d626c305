import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/**
 * Reads a whole store, compares the counts, and allocates pages from its free list in a transaction that it undoes. It is a
 * string so that another process can run it, from the sources and from the compiled program alike.
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
      databases[0].putSync(Buffer.from("inspection"), Buffer.alloc(8_000_000));
      throw undo;
    });
  } catch (error) {
    if (error !== undo) process.stdout.write(String(error.message));
  }
`;

/** A store of 100 MiB is read in about a second. */
const TIMEOUT_MS = 30_000;
const TIMEOUT_MS_PER_MIB = 100;
/** The signals that end a process which reads a damaged store. */
const CRASH_SIGNALS: readonly (NodeJS.Signals | null)[] = ["SIGSEGV", "SIGBUS", "SIGABRT", "SIGILL", "SIGFPE"];

/**
 * The damage of a store; undefined if it is sound or missing.
 *
 * LMDB trusts its file. A file that was cut short, zeroed or overwritten crashes the process that opens it (SIGSEGV, SIGBUS and
 * SIGABRT were seen) or keeps it in an endless loop. So another process opens it first.
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
  if (error !== undefined && "code" in error && error.code === "ETIMEDOUT") return "reading it does not finish";
  if (CRASH_SIGNALS.includes(signal)) return `reading it crashes a process with ${signal}`;
  // Other errors, of the disk or of starting a process, do not prove that the store is damaged.
  return isDamage(stdout) ? stdout : undefined;
}

/** Whether this message of LMDB means a damaged file, and not a lack of space or of rights. */
export function isDamage(message: string): boolean {
  return /MDB_(INVALID|CORRUPTED|PAGE_NOTFOUND|NOTFOUND|KEYEXIST|VERSION_MISMATCH|INCOMPATIBLE|BAD_TXN|BAD_CHECKSUM|PANIC|PROBLEM|CURSOR_FULL|PAGE_FULL)/.test(
    message,
  );
}
