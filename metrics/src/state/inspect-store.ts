import { existsSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { runLimited, type ScriptLimits } from "./limited-script.js";

/**
 * Uses a store as metrics will: reads all entries and compares the counts; frees the pages of its large values and allocates pages from its
 * free list, in a transaction that it undoes; and commits to a copy, for what only a commit touches. The store itself is not changed: a damaged
 * one may still be repaired. It is a string so that another process can run it, from the sources and from the compiled program alike.
 */
const INSPECTION = `
  const [lmdb, path, copy, ...names] = process.argv.slice(1);
  const { copyFileSync, mkdirSync } = require("node:fs");
  const { open } = require(lmdb);
  const LARGE_BYTES = 1_000;
  const inspection = Buffer.from("inspection");
  const undo = new Error();
  // A change that fails throws nothing, but it fails the transaction, and what is read from that throws.
  const expectCount = (name, database, expected) => {
    const count = database.getCount();
    if (count !== expected) throw new Error("MDB_CORRUPTED: " + name + " has " + expected + " entries and counts " + count);
  };
  const openAt = (path) => {
    const root = open({ path, noSubdir: false, overlappingSync: false, maxDbs: 32 });
    return { root, databases: names.map((name) => root.openDB({ name, encoding: "binary", keyEncoding: "binary" })) };
  };
  try {
    const { root, databases } = openAt(path);
    const large = databases.map(() => []);
    const entries = databases.map(() => 0);
    for (const [i, database] of databases.entries()) {
      for (const { key, value } of database.getRange()) {
        if (value !== undefined) entries[i] += 1;
        if (value?.length > LARGE_BYTES) large[i].push(Buffer.from(key));
      }
      expectCount(names[i], database, entries[i]);
    }
    try {
      root.transactionSync(() => {
        for (const [i, database] of databases.entries()) {
          for (const key of large[i]) database.removeSync(key);
          database.putSync(inspection, Buffer.alloc(i === 0 ? 8_000_000 : 1));
          expectCount(names[i], database, entries[i] - large[i].length + 1);
        }
        throw undo;
      });
    } catch (error) {
      if (error !== undo) throw error;
    }
    mkdirSync(copy);
    copyFileSync(path + "/data.mdb", copy + "/data.mdb");
    const copied = openAt(copy);
    // Two commits: what the first frees, the second takes from the free list.
    for (let commit = 0; commit < 2; commit += 1) {
      copied.root.transactionSync(() => {
        for (const [i, database] of copied.databases.entries()) {
          database.putSync(inspection, Buffer.alloc(20_000));
          database.removeSync(inspection);
          expectCount(names[i], database, entries[i]);
        }
      });
    }
  } catch (error) {
    process.stdout.write(String(error.message));
  }
`;

/** A store of 100 MiB is read in about a second. A damaged one may take a processor for ever; a disk that stalls takes time, but no processor. */
const LIMITS: ScriptLimits = { processorMs: 30_000, ms: 300_000 };
const LIMITS_PER_MIB: ScriptLimits = { processorMs: 100, ms: 1_000 };
/** The signals that end a process which reads a damaged store. */
const CRASH_SIGNALS: readonly (NodeJS.Signals | null)[] = ["SIGSEGV", "SIGBUS", "SIGABRT", "SIGILL", "SIGFPE"];

/** A store could not be read in time, though it may be sound. */
export class SlowStoreError extends Error {
  override readonly name = "SlowStoreError";

  constructor(folder: string, ms: number) {
    super(`The state in ${folder} could not be read within ${Math.round(ms / 1_000)} s: its disk hardly answers. It is left as it is.`);
  }
}

/**
 * The damage of a store; undefined if it is sound or missing.
 *
 * LMDB trusts its file. A file that was cut short, zeroed or overwritten crashes the process that opens it (SIGSEGV, SIGBUS and
 * SIGABRT were seen) or keeps it in an endless loop. So another process opens it first.
 *
 * @throws SlowStoreError if the disk does not let it be read.
 */
export function damageOf(folder: string, databases: readonly string[]): string | undefined {
  if (!existsSync(join(folder, "data.mdb"))) return undefined;
  const copy = join(dirname(folder), `inspected.${basename(folder)}`);
  // One may be left of an inspection that was killed.
  rmSync(copy, { recursive: true, force: true });
  try {
    return damageFoundIn(folder, copy, databases);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function damageFoundIn(folder: string, copy: string, databases: readonly string[]): string | undefined {
  const lmdb = createRequire(import.meta.url).resolve("lmdb");
  const limits = limitsFor(statSync(join(folder, "data.mdb")).size / 2 ** 20);
  const { end, signal, stdout } = runLimited(INSPECTION, [lmdb, folder, copy, ...databases], limits);
  if (end === "endless") return "reading it does not finish";
  if (end === "stalled") throw new SlowStoreError(folder, limits.ms);
  if (CRASH_SIGNALS.includes(signal)) return `reading it crashes a process with ${signal}`;
  // Other errors, of the disk or of starting a process, do not prove that the store is damaged.
  return isDamage(stdout) ? stdout : undefined;
}

function limitsFor(mib: number): ScriptLimits {
  const limit = (of: keyof ScriptLimits) => LIMITS[of] + Math.ceil(mib) * LIMITS_PER_MIB[of];
  return { processorMs: limit("processorMs"), ms: limit("ms") };
}

/** Whether this message of LMDB means a damaged file, and not a lack of space or of rights. */
export function isDamage(message: string): boolean {
  return /MDB_(INVALID|CORRUPTED|PAGE_NOTFOUND|NOTFOUND|KEYEXIST|VERSION_MISMATCH|INCOMPATIBLE|BAD_TXN|BAD_CHECKSUM|PANIC|PROBLEM|CURSOR_FULL|PAGE_FULL)/.test(
    message,
  );
}
