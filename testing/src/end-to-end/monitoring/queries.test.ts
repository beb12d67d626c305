import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import pg from "pg";
import { parse } from "yaml";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { builtFile } from "../../built-file.js";
import { postgresProgram } from "../../postgres/private-postgres.js";
import { until } from "../../until.js";
import { compile } from "../harness/compile.js";
import { queriesOf, readDashboard, type Query } from "./dashboard.js";
import { expandPromql, expandSql } from "./expand-query.js";
import type { Series } from "./private-prometheus.js";
import { FIRST_S, WatchedPipeline } from "./watched-pipeline.js";

// Processes of a busy machine; nothing here takes its time by itself.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 240_000 });

let pipeline: WatchedPipeline;
beforeAll(async () => {
  await compile();
  pipeline = await WatchedPipeline.start();
});
afterAll(() => pipeline.stop());

/** A dashboard at its defaults: everything is shown. */
const ALL = { lane: ".*", service: ".*" };

function isThere(series: readonly Series[]): boolean {
  return series.some(({ values }) => values.some(Number.isFinite));
}

/** Resolves with what a query returns when it returns a figure: what Prometheus knows is a second or two old. */
function figuresOf(promql: string): Promise<readonly Series[]> {
  return until(`${promql} returns a figure`, () => pipeline.prometheus.query(promql), isThere, 20_000);
}

/** The metrics of a query that it selects by labels: each must be there, whatever the query makes of it. */
function selectorsOf(promql: string): string[] {
  return promql.match(/\b[a-z_]\w+\{[^}]*\}/gi) ?? [];
}

describe("the dashboard of Prometheus", () => {
  const queries = queriesOf(readDashboard("operation"));

  test("has queries", () => expect(queries.length).toBeGreaterThan(60));

  test.each(queries)("$of: returns figures of a pipeline that runs", async ({ text }) => {
    const promql = expandPromql(text, ALL);
    await figuresOf(promql);
    for (const selector of selectorsOf(promql)) await figuresOf(selector);
  });

  test("says what is so: every row adds up, all is up, the alarm was raised, lanes can be chosen", async () => {
    const latest = async (of: string) => {
      const series = await pipeline.prometheus.query(expandPromql(queryNamed(queries, of), ALL));
      return series.map(({ labels, values }) => [...Object.values(labels), values.at(-1)]);
    };
    const unaccounted = await figuresOf(expandPromql(queryNamed(queries, "Rows that do not add up A"), ALL));
    expect(unaccounted.map(({ values }) => new Set(values))).toEqual([new Set([0])]);
    // A scrape may be late on a busy machine.
    const isUp = (shown: unknown) =>
      JSON.stringify(shown) ===
      JSON.stringify([
        ["rabbitmq", 1],
        ["streamgauge", 1],
      ]);
    await until("everything is up", () => latest("Services A"), isUp);
    const alarms = await figuresOf(expandPromql(queryNamed(queries, "Alarm A"), ALL));
    const worse = alarms.find(({ labels }) => labels["lane"] === "champion" && labels["kind"] === "worse");
    expect(new Set(worse?.values)).toEqual(new Set([0, 1]));
    expect((await latest("variable lane")).map(([lane]) => String(lane)).toSorted()).toEqual(["challenger", "champion"]);
  });

  test("shows one lane or service if one is chosen", async () => {
    const lane = { lane: "challenger", service: "rabbitmq" };
    const shown = await Promise.all(
      queries
        .filter(({ format, text }) => format !== "variable" && text.includes("$lane"))
        .map(({ text }) => pipeline.prometheus.query(expandPromql(text, lane))),
    );
    const lanes = new Set(shown.flat().flatMap(({ labels }) => labels["lane"] ?? []));
    expect([...lanes]).toEqual(["challenger"]);
    expect((await pipeline.prometheus.query(expandPromql(queryNamed(queries, "Services A"), lane))).map(({ labels }) => labels)).toEqual([
      { service: "rabbitmq" },
    ]);
  });
});

function queryNamed(queries: readonly Query[], of: string): string {
  const found = queries.find((query) => query.of === of);
  if (found === undefined) throw new Error(`There is no query ${of}.`);
  return found.text;
}

describe("the rules of Prometheus", () => {
  const { groups }: { groups: { rules: { alert: string; expr: string }[] }[] } = parse(
    readFileSync(builtFile("deploy/prometheus/streamgauge.rules.yaml"), "utf8"),
  );

  test.each(groups.flatMap(({ rules }) => rules))("$alert looks at series that are there", async ({ expr }) => {
    const selectors = selectorsOf(expr);
    const bare = expr.match(/\bstreamgauge_\w+/g) ?? [];
    expect(selectors.length + bare.length).toBeGreaterThan(0);
    // A time until something happens may be infinite.
    const isKnown = (series: readonly Series[]) => series.some(({ values }) => values.some((value) => !Number.isNaN(value)));
    for (const selector of [...selectors, ...bare])
      await until(`${selector} is there`, () => pipeline.prometheus.query(selector), isKnown, 20_000);
  });

  test("are evaluated without an error", async () => {
    await figuresOf("ALERTS");
    expect(await pipeline.prometheus.ruleErrors()).toEqual([]);
  });
});

/** Predictions of the first 25 minutes. */
const PREDICTED = 1_200;
/**
 * The first 25 minutes, in five of which nothing happened: 1,200 predictions by the first model, 54 of them without a label, one label
 * corrected.
 */
const SHOWN = {
  from: FIRST_S,
  to: FIRST_S + 25 * 60 - 1,
  values: { lane: "champion", partition: "champion", size: "1m", model: [] as string[] },
};
/** All rows, at any length of a test. */
const EVERYTHING = { ...SHOWN, to: FIRST_S + 365 * 86_400 };

describe("the dashboard of PostgreSQL", () => {
  const queries = queriesOf(readDashboard("windows"));
  let reader: pg.Client;
  let models: string[] = [];

  beforeAll(async () => {
    // Twice: it updates what is there.
    for (let i = 0; i < 2; i += 1) makeReader(pipeline.databaseUrl);
    reader = new pg.Client({ connectionString: pipeline.databaseUrl.replace("//test@", "//streamgauge_reader@") });
    await reader.connect();
    await until(
      "two versions have windows",
      async () => (models = await variable("model")).length,
      (count) => count === 2,
    );
    // A prediction without a label counts when metrics no longer holds it in memory.
    await until(
      "all predictions are in their windows",
      async () => (await rowsOf(queryNamed(queries, "Mean absolute error A"), SHOWN))[0]?.["predicted"],
      (predicted) => predicted === PREDICTED,
    );
  });
  afterAll(() => reader.end());

  async function rowsOf(text: string, shown = EVERYTHING): Promise<Record<string, unknown>[]> {
    const { rows } = await reader.query(expandSql(text, { ...shown, values: { ...shown.values, model: models } }));
    return rows;
  }

  async function variable(name: string): Promise<string[]> {
    return (await rowsOf(queryNamed(queries, `variable ${name}`))).map((row) => String(Object.values(row)[0]));
  }

  /** The same windows over HTTP. */
  async function windows(): Promise<Record<string, unknown>[]> {
    const range = new URLSearchParams({
      lane: "champion",
      size: "1m",
      from: new Date(SHOWN.from * 1000).toISOString(),
      to: new Date(SHOWN.to * 1000).toISOString(),
    });
    return JSON.parse(await (await fetch(`${pipeline.gatewayUrl}/windows?${range.toString()}`)).text()).windows;
  }

  test("has queries", () => expect(queries.length).toBeGreaterThan(20));

  test.each(queries)("$of: returns rows, and each of its columns has values", async ({ text, format }) => {
    const rows = await rowsOf(text);
    const columns = Object.keys(rows[0] ?? {});
    expect(columns.length).toBeGreaterThan(0);
    expect(columns.filter((name) => rows.every((row) => row[name] === null))).toEqual([]);
    if (format === "time_series") {
      expect(columns[0]).toBe("time");
      expect(rows.map(({ time }) => Number(time))).toEqual(rows.map(({ time }) => Number(time)).toSorted((a, b) => a - b));
    }
    if (format === "annotation") expect(columns).toEqual(expect.arrayContaining(["time", "text"]));
  });

  test("shows lanes, partitions and versions to choose from", async () => {
    expect(await variable("lane")).toEqual(["challenger", "champion"]);
    expect(await variable("partition")).toEqual(["champion"]);
    expect(models.map((model) => model.split("@")[0])).toEqual(["v1", "v3"]);
  });

  test("shows the figures of a range as they are", async () => {
    const [range] = await rowsOf(queryNamed(queries, "Mean absolute error A"), SHOWN);
    const [squares, signed] = [1_145 * 100 + 21 * 21, 600 * 10 - 546 * 10 + 11];
    expect(range).toEqual({
      predicted: PREDICTED,
      labelled: 1_146,
      coverage: 0.955,
      mae: expect.closeTo(10 + 11 / 1_146, 9),
      rmse: expect.closeTo(Math.sqrt(squares / 1_146), 9),
      bias: expect.closeTo(signed / 1_146, 9),
    });
  });

  const NAMES: Readonly<Record<string, string>> = {
    MAE: "mae",
    estimate: "estimated_mae",
    low: "estimated_low",
    high: "estimated_high",
    RMSE: "rmse",
    median: "lag_p50_s",
    "95 %": "lag_p95_s",
    "max error": "max_error",
  };
  const perWindow = queries.filter(({ of, text, format }) => (format === "time_series" && !text.includes("metric")) || of === "Windows A");

  test.each(perWindow)("$of shows what GET /windows returns", async ({ text, format }) => {
    const shown = await rowsOf(text, SHOWN);
    const returned = await windows();
    // A chart has a gap while nothing happened, not a line across.
    expect(shown).toHaveLength(format === "table" ? 20 : 25);
    expect(returned).toHaveLength(20);
    const byStart = new Map(returned.map((window) => [window["start"], window]));
    for (const { time, start = time, ...figures } of shown) {
      const window = byStart.get(new Date(Number(start)).toISOString());
      expect(figures).toEqual(Object.fromEntries(Object.keys(figures).map((name) => [name, window?.[NAMES[name] ?? name] ?? null])));
    }
  });

  test("shows one partition of several in charts, and all of them in the figures of a range", async () => {
    const owner = new pg.Client({ connectionString: pipeline.databaseUrl });
    await owner.connect();
    try {
      await owner.query("begin isolation level repeatable read");
      const rowsBy = async (text: string) =>
        (await owner.query(expandSql(text, { ...SHOWN, values: { ...SHOWN.values, model: models } }))).rows;
      const charted = queries.filter(({ text, format }) => text.includes("${partition:") && format !== "variable");
      const charts = async () => {
        const shown = [];
        for (const { text } of charted) shown.push(await rowsBy(text));
        return shown;
      };
      const before = await charts();
      const [alone] = await rowsBy(queryNamed(queries, "Labelled A"));
      await owner.query(`insert into windows (lane, partition, size, start, epoch, revision, final_at, body, figures)
        select lane, 'champion.2of2', size, start, epoch, revision, final_at, body, figures from windows where partition = 'champion'`);
      expect(await charts()).toEqual(before);
      expect(charted.length).toBeGreaterThan(10);
      expect(await rowsBy(queryNamed(queries, "Labelled A"))).toEqual([
        { ...alone, predicted: 2 * PREDICTED, labelled: 2 * alone.labelled },
      ]);
      const lanes = (await rowsBy(queryNamed(queries, "Mean absolute error by lane A"))).map(({ metric }) => String(metric));
      expect(new Set(lanes)).toEqual(new Set(["challenger", "champion", "champion.2of2"]));
      expect(await rowsBy(queryNamed(queries, "variable partition"))).toEqual([{ partition: "champion" }, { partition: "champion.2of2" }]);
    } finally {
      await owner.query("rollback");
      await owner.end();
    }
  });

  test("shows when the error changed, and when it was noticed", async () => {
    // The latest comes first: as long as the change lasts, the alarm is raised again.
    const alarm = (await rowsOf(queryNamed(queries, "Alarms A"))).at(-1);
    expect(alarm).toMatchObject({ kind: "worse", model: models[0], since: new Date("2026-01-01T00:30:00Z"), "mean since": 300 });
    const mark = (await rowsOf(queryNamed(queries, "annotation Alarms"))).at(-1);
    expect(mark).toMatchObject({ time: alarm?.["since"], timeend: alarm?.["time"], tags: "worse" });
    expect(mark?.["text"]).toMatch(/^The error is worse than the reference: v1@\w+, row 1\d{3}$/);
  });

  test("marks the windows whose labels are missing, one mark for those in a row", async () => {
    const marks = await rowsOf(queryNamed(queries, "annotation Provisional windows"), SHOWN);
    const minute = (n: number) => new Date((FIRST_S + n * 60) * 1000);
    expect(marks).toEqual([
      { time: minute(0), timeend: minute(5), text: "Labels are missing" },
      { time: minute(6), timeend: minute(10), text: "Labels are missing" },
    ]);
  });

  test("needs a role that reads windows and nothing else", async () => {
    await expect(reader.query("select * from predictions")).rejects.toThrow("permission denied for table predictions");
    await expect(reader.query("delete from windows")).rejects.toThrow(/permission denied|read-only/);
    await expect(reader.query("create table mine (n int)")).rejects.toThrow(/permission denied|read-only/);
    const { rows } = await reader.query("show statement_timeout");
    expect(rows).toEqual([{ statement_timeout: "30s" }]);
  });
});

function makeReader(databaseUrl: string): void {
  const args = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", `--file=${builtFile("deploy/grafana/reader.sql")}`, databaseUrl];
  const env = { ...process.env, GRAFANA_READER_PASSWORD: "it's :a $ecret" };
  const { status, stderr } = spawnSync(postgresProgram("psql"), args, { env, encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
}
