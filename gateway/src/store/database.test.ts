import { captureLog, openTcpProxy, startPrivatePostgres, type PrivatePostgres } from "@streamgauge/testing";
import { sql } from "kysely";
import { join } from "node:path";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { DatabaseAwayError } from "./database-away.js";
import { Database } from "./database.js";

let postgres: PrivatePostgres;

beforeAll(async () => {
  postgres = await startPrivatePostgres();
});
afterAll(() => postgres.stop());

test("several that are opened together on an empty PostgreSQL make its tables once, and all can use them", async () => {
  const url = await postgres.addDatabase("together");
  const { log, lines } = captureLog();
  const databases = Array.from({ length: 6 }, () => new Database({ url, folder: "", log }));
  onTestFinished(async () => void (await Promise.all(databases.map((database) => database.close()))));
  const read = databases.map((database) => database.run((db) => db.selectFrom("jobs").selectAll().execute()));
  expect(await Promise.all(read)).toEqual(databases.map(() => []));
  expect(lines).toEqual([]);
});

test("one process at a time has the data of PGlite", async () => {
  const folder = join(temporaryFolder(), "gateway");
  const { log, lines } = captureLog();
  const [first, second] = [new Database({ url: "", folder, log }), new Database({ url: "", folder, log })];
  onTestFinished(async () => {
    await second.close();
  });
  const read = (database: Database) => database.run((db) => db.selectFrom("jobs").selectAll().execute());
  await read(first);
  await expect(read(second)).rejects.toThrow(DatabaseAwayError);
  expect(lines.join("\n")).toContain(`another gateway uses ${folder}: stop it`);
  await first.close();
  expect(await read(second)).toEqual([]);
});

test("a database of a later version is left alone, and the reason says so", async () => {
  const url = await postgres.addDatabase("later");
  const { log } = captureLog();
  const [first, second] = [new Database({ url, folder: "", log }), new Database({ url, folder: "", log })];
  onTestFinished(async () => {
    await first.close();
    await second.close();
  });
  await first.run((db) => sql`insert into kysely_migration values ('9999-later', '2100-01-01')`.execute(db));
  await expect(second.run((db) => sql`select 1`.execute(db))).rejects.toThrow("brought up to date (9999-later) by a later version");
});

test("a query that is away is tried again, one with a value that cannot be stored is not", async () => {
  const { log } = captureLog();
  const database = new Database({ url: await postgres.addDatabase("tries"), folder: "", log });
  onTestFinished(() => database.close());
  const { signal } = new AbortController();
  let tries = 0;
  const work = async (): Promise<string> => {
    tries += 1;
    if (tries < 3) throw new DatabaseAwayError();
    return "done";
  };
  expect(await database.runUntilDone(work, signal)).toBe("done");
  const broken = database.runUntilDone((db) => sql`select ${"a\0b"}::text`.execute(db), signal);
  await expect(broken).rejects.toThrow("invalid byte sequence");
});

test("after a query that timed out within a transaction, a later write is kept", async () => {
  const url = await postgres.addDatabase("stalled");
  const proxy = await openTcpProxy({ host: "127.0.0.1", port: Number(new URL(url).port) });
  const { log } = captureLog();
  const database = new Database({ url: proxy.through(url), folder: "", log, queryMs: 2_000 });
  const other = new Database({ url, folder: "", log });
  onTestFinished(async () => {
    await database.close();
    await other.close();
    await proxy.close();
  });
  const write = (n: number) => database.run((db) => sql`insert into notes values (${n})`.execute(db));
  await database.run((db) => sql`create table notes (n int)`.execute(db));
  const stalled = database.run((db) =>
    db.transaction().execute(async (transaction) => {
      await sql`insert into notes values (1)`.execute(transaction);
      proxy.pause();
      await sql`insert into notes values (2)`.execute(transaction);
    }),
  );
  await expect(stalled).rejects.toThrow(DatabaseAwayError);
  proxy.resume();
  await write(3);
  expect((await other.run((db) => sql`select n from notes`.execute(db))).rows).toEqual([{ n: 3 }]);
});
