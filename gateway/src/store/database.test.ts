import { captureLog } from "@streamgauge/core/testing";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { startPrivatePostgres, type PrivatePostgres } from "../testing/private-postgres.js";
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
