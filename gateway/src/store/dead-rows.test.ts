import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { captureLog, until } from "@streamgauge/testing";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { sql } from "kysely";
import { expect, onTestFinished, test } from "vitest";
import { Database } from "./database.js";
import { freeDeadRows } from "./dead-rows.js";

function openDatabase(freeEveryMs?: number): Database {
  const database = new Database({ url: "", folder: join(temporaryFolder(), "gateway"), log: captureLog().log, freeEveryMs });
  onTestFinished(() => database.close());
  return database;
}

/** Stores the same window again and again, with a body that does not compress. */
async function storeAgain(database: Database, times: number): Promise<void> {
  for (let revision = 0; revision < times; revision += 1) {
    const body = randomBytes(10_000).toString("hex");
    await database.run((db) =>
      sql`
        insert into windows (lane, partition, size, start, epoch, revision, final_at, body, figures)
        values ('champion', 'champion', '1m', 0, 1, ${revision}, 0, ${body}, '{}')
        on conflict (partition, size, start) do update set body = excluded.body`.execute(db),
    );
  }
  await database.run((db) => sql`select pg_stat_force_next_flush()`.execute(db));
}

async function numberOf(database: Database, query: ReturnType<typeof sql<{ readonly number: string }>>): Promise<number> {
  const { rows } = await database.run((db) => query.execute(db));
  return Number(rows[0]?.number);
}

const bytesOf = (database: Database) => numberOf(database, sql`select pg_total_relation_size('windows') as number`);

test("the room of replaced windows is used again", { timeout: 120_000 }, async () => {
  const database = openDatabase();
  await storeAgain(database, 200);
  const once = await bytesOf(database);
  // Two hundred bodies of 20 kB.
  expect(once).toBeGreaterThan(4_000_000);
  expect(await database.run(freeDeadRows)).toEqual(["windows"]);
  expect(await database.run(freeDeadRows)).toEqual([]);
  await storeAgain(database, 200);
  expect(await bytesOf(database)).toBeLessThan(1.2 * once);
});

test("it is freed from time to time", { timeout: 120_000 }, async () => {
  const database = openDatabase(100);
  await storeAgain(database, 30);
  const freed = () => numberOf(database, sql`select vacuum_count as number from pg_stat_user_tables where relname = 'windows'`);
  await until("the windows are freed", freed, (times) => times >= 1);
});
