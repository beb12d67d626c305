import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startPrivatePostgres, until, type PrivatePostgres } from "@streamgauge/testing";
import { startSumModel, SUM_MODEL } from "../testing/sum-model.js";
import { testGateway } from "../testing/test-gateway.js";

// A database in the process takes seconds to open on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let postgres: PrivatePostgres;
let databases = 0;
beforeAll(async () => {
  postgres = await startPrivatePostgres();
});
afterAll(() => postgres.stop());

interface Shown {
  readonly id: string;
  readonly status: string;
}

async function withModel(databaseUrl?: string) {
  const gateway = await testGateway({ DATABASE_URL: databaseUrl ?? (await postgres.addDatabase(`inferences_${++databases}`)) });
  await startSumModel(gateway.bus("model"));
  const { post, url } = gateway;
  const json = async (answer: Response | Promise<Response>) => JSON.parse(await (await answer).text());
  const get = (path: string) => json(fetch(url + path));
  const infer = async (data: readonly (number | string)[], datatype = "FP64"): Promise<{ id: string; outputs: [{ data: number[] }] }> =>
    json(post("/v2/models/champion/infer", JSON.stringify({ inputs: [{ name: "a", shape: [data.length], datatype, data }] })));
  /** Pages of so many, until the last. */
  const pages = async (query: string, limit: number): Promise<string[][]> => {
    const found: string[][] = [];
    for (let next = ""; ;) {
      const page: { items: Shown[]; next?: string } = await get(`/predictions?${query}&limit=${limit}${next}`);
      found.push(page.items.map(({ id }) => id));
      if (page.next === undefined) return found;
      next = `&cursor=${page.next}`;
    }
  };
  const label = (labels: object, query = "") => post(`/labels${query}`, JSON.stringify(labels));
  return { ...gateway, get, infer, pages, label, json };
}

test.each(["PGlite", "PostgreSQL"])("each row of a request of several is looked up, with labels and corrections, on %s", async (kind) => {
  const { get, infer, label } = await withModel(kind === "PGlite" ? "" : undefined);
  const { id, outputs } = await infer([1.5, -2, 1e300]);
  expect(outputs[0].data).toEqual([1.5, -2, 1e300]);
  const row = (n: number) => `${id}-000000${n}`;
  const shown = { status: "succeeded", features: { a: -2 }, y_pred: -2, model: SUM_MODEL };
  expect(await get(`/predictions/${row(2)}`)).toMatchObject({ id: row(2), ...shown });
  await label([
    { id: row(2), y_true: 3 },
    { id: row(1), y_true: 1 },
  ]);
  await until("the label shown", async () => (await get(`/predictions/${row(2)}`)).y_true === 3);
  expect(await get(`/predictions/${row(2)}`)).toMatchObject({ ...shown, y_true: 3, absolute_error: 5 });
  // The first label counts, until it is corrected.
  await label({ id: row(2), y_true: 4 });
  await label({ id: row(2), y_true: 7 }, "?correct=true&who=ann");
  await until("the correction shown", async () => (await get(`/predictions/${row(2)}`)).y_true === 7);
  expect(await get(`/predictions/${row(2)}`)).toMatchObject({ ...shown, y_true: 7, first_y_true: 3, absolute_error: 9 });
  expect(await get(`/predictions/${row(1)}`)).toMatchObject({ features: { a: 1.5 }, y_pred: 1.5, y_true: 1, absolute_error: 0.5 });
  expect(await get(`/predictions/${row(4)}`)).toMatchObject({ status: 404 });
});

test("the list has all rows once, the latest first, page by page", async () => {
  const { get, infer, pages, post } = await withModel();
  const { id: first } = await infer([1, 2, 3]);
  await post("/predictions?wait=30", '{"id":"between","features":{"a":1}}');
  const { id: last } = await infer([4, 5]);
  await until("all stored", async () => (await get("/predictions")).items.length === 6);
  const rows = [`${last}-0000002`, `${last}-0000001`, "between", `${first}-0000003`, `${first}-0000002`, `${first}-0000001`];
  expect((await pages("", 4)).map((ids) => ids.length)).toEqual([4, 2]);
  for (const limit of [1, 2, 3, 4, 5, 6, 7]) expect((await pages("", limit)).flat()).toEqual(rows);
  expect((await pages(`q=${first.slice(5)}-00`, 10)).flat()).toEqual(rows.slice(3));
  expect((await pages("q=0000003", 10)).flat()).toEqual([`${first}-0000003`]);
  expect((await pages(`q=${last.slice(1, 9)}`, 10)).flat()).toEqual(rows.slice(0, 2));
  expect((await pages("q=etwee", 10)).flat()).toEqual(["between"]);
});

test("the list is filtered by the rows of a request", async () => {
  const { get, infer, pages, label } = await withModel();
  const { id } = await infer([1, 2, 3]);
  const failed: unknown = await infer(["4", "x"], "BYTES");
  expect(failed).toEqual({ error: expect.stringMatching(/^row 0 \(id "\w{12}-0000001"\): not a number$/) });
  await label([
    { id: `${id}-0000001`, y_true: 1.5 },
    { id: `${id}-0000002`, y_true: 12 },
  ]);
  await until("both labels stored", async () => (await pages("minError=0", 10)).flat().length === 2);
  expect((await pages("minError=1", 10)).flat()).toEqual([`${id}-0000002`]);
  expect((await pages("maxError=1", 10)).flat()).toEqual([`${id}-0000001`]);
  expect((await pages("minError=20", 10)).flat()).toEqual([]);
  expect((await pages("status=failed", 10)).flat()).toHaveLength(2);
  expect((await get("/predictions?status=failed&limit=1")).items[0].reason).toMatch(/^not a number/);
  expect((await pages("status=succeeded", 10)).flat()).toEqual([3, 2, 1].map((n) => `${id}-000000${n}`));
  expect((await pages("status=pending", 10)).flat()).toEqual([]);
  expect((await pages(`model=${SUM_MODEL}`, 10)).flat()).toHaveLength(3);
  expect((await pages("model=sum", 10)).flat()).toEqual([]);
  expect((await pages("since=2100-01-01T00:00:00Z", 10)).flat()).toEqual([]);
});

test("the id of such a row cannot be asked for again with other features", async () => {
  const { get, infer, post, json } = await withModel();
  const { id } = await infer([1, 2]);
  const again = (a: number) => post("/predictions?wait=30", JSON.stringify({ id: `${id}-0000002`, features: { a } }));
  expect((await again(3)).status).toBe(409);
  expect(await json(again(2))).toMatchObject({ id: `${id}-0000002`, status: "succeeded", y_pred: 2 });
  expect((await get("/predictions")).items).toHaveLength(2);
});
