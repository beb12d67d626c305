import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parentPort, threadId, workerData } from "node:worker_threads";
import { PGlite, types } from "@electric-sql/pglite";
import type { Answer, Failure, Question } from "./pglite-messages.js";

/** The thread of an EmbeddedDatabase: opens the data in the folder, reports that, and runs queries one after another. */
const folder: string = workerData;

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { message: String(error) };
  return { message: error.message, ...("code" in error && typeof error.code === "string" ? { code: error.code } : {}) };
}

/** Creates an empty database: seven seconds of CPU time the first time (measured), and a copy of it later. */
async function makeEmpty(target: string): Promise<void> {
  const cache = cacheFolder();
  mkdirSync(target, { recursive: true });
  if (cache !== undefined && existsSync(join(cache, "PG_VERSION"))) {
    cpSync(cache, target, { recursive: true });
    return;
  }
  await (await PGlite.create(target)).close();
  if (cache !== undefined) keepCopy(target, cache);
}

/** Cache of the empty database for this version of PGlite, in node_modules; undefined if this project has none. */
function cacheFolder(): string | undefined {
  const modules = fileURLToPath(new URL("../../../node_modules", import.meta.url));
  if (!existsSync(modules)) return undefined;
  const packageFile = new URL("../package.json", import.meta.resolve("@electric-sql/pglite"));
  const { version }: { readonly version: string } = JSON.parse(readFileSync(packageFile, "utf8"));
  return join(modules, ".cache", "streamgauge", `pglite-${version}`);
}

/** Copies a folder under a unique name, and renames it when it is complete. */
function keepCopy(source: string, cache: string): void {
  const unfinished = `${cache}.${process.pid}.${threadId}`;
  try {
    cpSync(source, unfinished, { recursive: true });
    renameSync(unfinished, cache);
  } catch {
    // Another process was faster, or the folder is read-only: the next start creates it again.
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** Creates a folder under another name and renames it when it is complete: a crash leaves nothing that cannot be opened. */
async function openFolder(): Promise<PGlite> {
  if (!existsSync(join(folder, "PG_VERSION"))) {
    const unfinished = `${folder}.new`;
    rmSync(unfinished, { recursive: true, force: true });
    await makeEmpty(unfinished);
    rmSync(folder, { recursive: true, force: true });
    renameSync(unfinished, folder);
  }
  return PGlite.create(folder, { serializers: { [types.BYTEA]: hexOf }, parsers: { [types.BYTEA]: bytesOf } });
}

/** PGlite's own way takes 200 ns a byte. */
function hexOf(bytes: unknown): string {
  if (!(bytes instanceof Uint8Array)) throw new Error("A column of bytes takes bytes.");
  return `\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}`;
}

/** A copy: small buffers are parts of a larger one, which would be sent along to the main thread. */
function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.slice(2), "hex"));
}

const opened = await openFolder().catch((error: unknown) => ({ failure: failureOf(error) }));
const say = (answer: Answer) => parentPort?.postMessage(answer);

async function answerTo(db: PGlite, question: Question): Promise<Answer> {
  const { number } = question;
  try {
    if ("close" in question) {
      await db.close();
      return { number };
    }
    const { rows, affectedRows } = await db.query(question.sql, [...question.parameters]);
    return { number, rows, ...(affectedRows === undefined ? {} : { affectedRows }) };
  } catch (error) {
    return { number, failure: failureOf(error) };
  }
}

if ("failure" in opened) say({ number: 0, failure: opened.failure });
else {
  parentPort?.on("message", (question: Question) => void answerTo(opened, question).then(say));
  say({ number: 0 });
}
