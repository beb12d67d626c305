import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import type { Answer, Failure, Question } from "./pglite-messages.js";

/** What runs in the thread of an EmbeddedDatabase: opens the data in the folder, says so, and answers queries one after another. */
const folder: string = workerData;

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { message: String(error) };
  return { message: error.message, ...("code" in error && typeof error.code === "string" ? { code: error.code } : {}) };
}

/** A folder that is made takes its name when it is whole: an end meanwhile leaves nothing that could not be opened. */
async function openFolder(): Promise<PGlite> {
  if (!existsSync(join(folder, "PG_VERSION"))) {
    const unfinished = `${folder}.new`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    await (await PGlite.create(unfinished)).close();
    rmSync(folder, { recursive: true, force: true });
    renameSync(unfinished, folder);
  }
  return PGlite.create(folder);
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
