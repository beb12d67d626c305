import { expect, test } from "vitest";
import { spreadOf } from "../percentile.js";
import { figureOf, mediansByProcess, shareOfCeiling, type CaseResult } from "./case-result.js";
import { jsonReport } from "./json-report.js";
import { markdownTable } from "./table.js";
import { gatewayTables } from "./gateway-tables.js";
import { tablesOf } from "./tables.js";
import type { GatewayCaseResult } from "../gateway/run-gateway-case.js";

const THROUGHPUT: CaseResult = {
  name: "arrow-2048",
  shows: "Arrow frames of 2,048 rows",
  rows: 4_000_000,
  pace: undefined,
  longRun: false,
  profile: undefined,
  runs: [
    {
      pairsPerSecond: 240_049,
      ceilingPairsPerSecond: 400_000,
      cpuPerMillion: { model: 1, broker: 1.5 },
      peakRssMb: { model: 100, broker: 300 },
      isShort: false,
    },
    {
      pairsPerSecond: 250_000,
      ceilingPairsPerSecond: 500_000,
      cpuPerMillion: { model: 3, broker: 1.1 },
      peakRssMb: { model: 120, broker: 200 },
      isShort: false,
    },
    {
      pairsPerSecond: 230_000,
      ceilingPairsPerSecond: 460_000,
      cpuPerMillion: { model: 2, broker: 1.2 },
      peakRssMb: { model: 110, broker: 250 },
      isShort: false,
    },
  ],
};
const LATENCY: CaseResult = {
  name: "latency-1000",
  shows: "1,000 rows a second",
  rows: 40_000,
  pace: 1_000,
  longRun: false,
  profile: undefined,
  runs: [{ p50: 3.14, p99: 9.99, p999: 20, lateBy: 1.2, floorP50: 2.9, floorP99: 9.5, isShort: false }],
};
const LONG: CaseResult = {
  ...THROUGHPUT,
  name: "rows-10m",
  longRun: true,
  runs: [{ pairsPerSecond: 1, isShort: true, rssAlongMb: { metrics: [1, 2, 3, 4.4] } }],
};

test("figures are medians of the runs, with their spread", () => {
  expect(figureOf(THROUGHPUT, "pairsPerSecond")).toEqual({ median: 240_049, min: 230_000, max: 250_000 });
  expect(figureOf(THROUGHPUT, "p50")).toBeUndefined();
  expect(mediansByProcess(THROUGHPUT, "cpuPerMillion")).toEqual({ model: 2, broker: 1.2 });
  expect(mediansByProcess(LATENCY, "cpuPerMillion")).toBeUndefined();
});

test("a run is compared with the ceiling that was measured beside it", () => {
  expect(shareOfCeiling(THROUGHPUT)).toEqual(spreadOf([240_049 / 400_000, 0.5, 0.5]));
});

test("the tables of a page", () => {
  const tables = tablesOf([THROUGHPUT, LATENCY, LONG]).map(markdownTable).join("\n");
  expect(tables).toMatchInlineSnapshot(`
    "### Throughput

    | case       |      rows | pairs/s |         min–max | ceiling, pairs/s | share of the ceiling |
    | ---------- | --------: | ------: | --------------: | ---------------: | -------------------: |
    | arrow-2048 | 4,000,000 | 240,000 | 230,000–250,000 |          460,000 |                 50 % |
    | rows-10m   | 4,000,000 |       1 |             1–1 |                – |                    – |

    Too few rows for a steady part; counted from the start of the source on, and so too low: rows-10m.

    ### Latency from the source to the synced log

    | case         | rows/s | p50, ms | p99, ms |   min–max | p99.9, ms |   min–max | late by, ms | floor p50, ms | floor p99, ms |
    | ------------ | -----: | ------: | ------: | --------: | --------: | --------: | ----------: | ------------: | ------------: |
    | latency-1000 |  1,000 |     3.1 |    10.0 | 10.0–10.0 |      20.0 | 20.0–20.0 |         1.2 |           2.9 |           9.5 |

    ### Processor seconds for a million rows

    | case       | model | broker |
    | ---------- | ----: | -----: |
    | arrow-2048 |  2.00 |   1.20 |

    ### Peak memory, MB (10⁶ bytes)

    | case       | model | broker |
    | ---------- | ----: | -----: |
    | arrow-2048 |   110 |    250 |

    ### Memory along the run, MB (10⁶ bytes)

    | case and process | at 25 % | at 50 % | at 75 % | at 100 % |
    | ---------------- | ------: | ------: | ------: | -------: |
    | rows-10m metrics |       1 |       2 |       3 |        4 |
    "
  `);
});

test("a case is compared with the one that ran in turns with it, run by run", () => {
  const runs = (...rates: readonly number[]) => rates.map((pairsPerSecond) => ({ pairsPerSecond, isShort: false }));
  const results = [
    { ...THROUGHPUT, name: "monitoring-2048", shows: "all on", besides: "unmonitored-2048", runs: runs(90, 190, 340) },
    { ...THROUGHPUT, name: "unmonitored-2048", shows: "some off", runs: runs(100, 200, 400) },
  ];
  expect(tablesOf(results).map(markdownTable)[1]).toBe(`### Compared, in turns

| case            |           beside | share of its pairs/s |   min–max |
| --------------- | ---------------: | -------------------: | --------: |
| monitoring-2048 | unmonitored-2048 |                 90 % | 85 %–95 % |

monitoring-2048: all on.

unmonitored-2048: some off.
`);
});

const load = (connections: number, requestsPerSecond: number, p50: number) => {
  return { connections, requestsPerSecond, rowsPerSecond: 256 * requestsPerSecond, p50, p99: 2 * p50 };
};
const GATEWAY: GatewayCaseResult = {
  name: "infer-256-embedded",
  shows: "256 rows",
  runs: [
    { startMs: 1_400, loads: [load(1, 100, 10), load(32, 800, 40)] },
    { startMs: 1_300, loads: [load(1, 110, 9), load(32, 700, 46)] },
    { startMs: 1_500, loads: [load(1, 120, 8), load(32, 900, 36)] },
  ],
};

test("tables of the gateway have medians, by the number of connections", () => {
  expect(gatewayTables([GATEWAY]).map(markdownTable).join("\n")).toMatchInlineSnapshot(`
    "### Requests over HTTP

    | case               | connections | requests/s | min–max |  rows/s | p50, ms |   min–max | p99, ms |   min–max |
    | ------------------ | ----------: | ---------: | ------: | ------: | ------: | --------: | ------: | --------: |
    | infer-256-embedded |           1 |        110 | 100–120 |  28,200 |     9.0 |  8.0–10.0 |    18.0 | 16.0–20.0 |
    | infer-256-embedded |          32 |        800 | 700–900 | 205,000 |    40.0 | 36.0–46.0 |    80.0 | 72.0–92.0 |

    ### From the start of the process to the first logged row

    | case               |    ms |     min–max |
    | ------------------ | ----: | ----------: |
    | infer-256-embedded | 1,400 | 1,300–1,500 |
    "
  `);
});

test("a gateway that was not measured has no tables", () => {
  expect(gatewayTables([])).toEqual([]);
});

test("the JSON report has the gateway's figures", () => {
  const machine = { cpu: "x", cores: 2, memory_gb: 4, kernel: "x", node: "20", rabbitmq: "x", erlang: "x", folder: "x", file_system: "x" };
  expect(jsonReport({ ...machine, fdatasync_p50_ms: 0.2 }, [], [GATEWAY]).gateway).toEqual([
    {
      name: "infer-256-embedded",
      runs: 3,
      start_ms: 1_400,
      loads: [
        {
          connections: 1,
          requests_per_second: 110,
          rows_per_second: 28_160,
          p50_ms: 9,
          p99_ms: 18,
          spread: { requests_per_second: [100, 120], p50_ms: [8, 10], p99_ms: [16, 20] },
        },
        {
          connections: 32,
          requests_per_second: 800,
          rows_per_second: 204_800,
          p50_ms: 40,
          p99_ms: 80,
          spread: { requests_per_second: [700, 900], p50_ms: [36, 46], p99_ms: [72, 92] },
        },
      ],
    },
  ]);
});

test("tables without a case are left out", () => {
  expect(tablesOf([LATENCY]).map(({ title }) => title)).toEqual(["Latency from the source to the synced log"]);
});

test("the JSON report", () => {
  const machine = {
    cpu: "x",
    cores: 2,
    memory_gb: 4,
    kernel: "Linux 6",
    node: "20.0.0",
    rabbitmq: "3.10.8",
    erlang: "25",
    folder: "/tmp",
    file_system: "ext4",
    fdatasync_p50_ms: 0.2,
  };
  expect(jsonReport(machine, [THROUGHPUT, LATENCY])).toMatchInlineSnapshot(`
    {
      "cases": [
        {
          "ceiling_pairs_per_second": 460000,
          "cpu_seconds_per_million_rows": {
            "broker": 1.2,
            "model": 2,
          },
          "floor_p50_ms": null,
          "floor_p99_ms": null,
          "late_by_ms": null,
          "name": "arrow-2048",
          "p50_ms": null,
          "p999_ms": null,
          "p99_ms": null,
          "pairs_per_second": 240049,
          "peak_rss_mb": {
            "broker": 250,
            "model": 110,
          },
          "rows": 4000000,
          "rows_per_second": null,
          "rss_mb_along_the_run": null,
          "runs": 3,
          "share_of_ceiling": 0.5,
          "spread": {
            "ceiling_pairs_per_second": [
              400000,
              500000,
            ],
            "pairs_per_second": [
              230000,
              250000,
            ],
            "share_of_ceiling": [
              0.5,
              0.6001225,
            ],
          },
          "too_few_rows": false,
        },
        {
          "ceiling_pairs_per_second": null,
          "cpu_seconds_per_million_rows": null,
          "floor_p50_ms": 2.9,
          "floor_p99_ms": 9.5,
          "late_by_ms": 1.2,
          "name": "latency-1000",
          "p50_ms": 3.14,
          "p999_ms": 20,
          "p99_ms": 9.99,
          "pairs_per_second": null,
          "peak_rss_mb": null,
          "rows": 40000,
          "rows_per_second": 1000,
          "rss_mb_along_the_run": null,
          "runs": 1,
          "share_of_ceiling": null,
          "spread": {
            "floor_p50_ms": [
              2.9,
              2.9,
            ],
            "floor_p99_ms": [
              9.5,
              9.5,
            ],
            "late_by_ms": [
              1.2,
              1.2,
            ],
            "p50_ms": [
              3.14,
              3.14,
            ],
            "p999_ms": [
              20,
              20,
            ],
            "p99_ms": [
              9.99,
              9.99,
            ],
          },
          "too_few_rows": false,
        },
      ],
      "machine": {
        "cores": 2,
        "cpu": "x",
        "erlang": "25",
        "fdatasync_p50_ms": 0.2,
        "file_system": "ext4",
        "folder": "/tmp",
        "kernel": "Linux 6",
        "memory_gb": 4,
        "node": "20.0.0",
        "rabbitmq": "3.10.8",
      },
    }
  `);
});
