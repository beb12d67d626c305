import type { HealthEvent } from "@streamgauge/core/windows";
import { errorChangeOf } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { healthFrom, queueWords } from "./health.js";

const well: HealthEvent = {
  rabbitmq: { connected: true, is_shared: true, queues: { "model.champion": 0, "dead-letters": 0 } },
  database: { kind: "PostgreSQL", ready: true },
  services: [
    { name: "model", status: "ready" },
    { name: "plot", status: "ready" },
  ],
  disk: { free_bytes: 120e9, total_bytes: 500e9 },
  disk_full_in_s: null,
  backlog: [
    { service: "model", waiting: 0, behind_s: 0.012, still_s: null },
    { service: "metrics", waiting: 0, behind_s: null, still_s: null },
  ],
  alarms: [],
  alerts: [],
};
const problems = (more: Partial<HealthEvent>) => healthFrom({ ...well, ...more }).problems.map(({ what }) => what);

test("all is well, in one line", () => {
  expect(healthFrom(well).problems).toEqual([]);
  expect(healthFrom(well).facts).toEqual([
    "up: RabbitMQ, PostgreSQL, model, plot",
    "nothing waits",
    "behind the source: predictions 12 ms",
    "120 GB free",
  ]);
});

test("without RabbitMQ it is said that there is none", () => {
  const alone = healthFrom({ ...well, rabbitmq: { ...well.rabbitmq, is_shared: false } });
  expect(alone.facts[0]).toBe("up: PostgreSQL, model, plot");
  expect(alone.details[2]).toEqual(["RabbitMQ", "none: all services run in one process"]);
});

test.each<[Partial<HealthEvent>, string[]]>([
  [{ rabbitmq: { ...well.rabbitmq, connected: false, queues: {} } }, ["RabbitMQ does not answer"]],
  [{ database: { kind: "PostgreSQL", ready: false } }, ["The database PostgreSQL does not answer"]],
  [
    {
      services: [
        { name: "model", status: "away" },
        { name: "plot", status: "not ready" },
      ],
    },
    ["model does not answer", "plot is not ready"],
  ],
  [{ disk: { free_bytes: 999e6, total_bytes: 500e9 } }, ["Only 999 MB are free where the log is"]],
  [{ disk: null }, []],
  [{ disk_full_in_s: 18_100 }, ["The disk of the log is full in about 5 h at the present rate"]],
  [{ rabbitmq: { ...well.rabbitmq, queues: { "dead-letters": 1 } } }, ["1 message could not be used"]],
  [
    { backlog: [{ service: "model", waiting: 20_000, behind_s: 200, still_s: null }] },
    ["model is 3.3 min behind the source: 20,000 messages wait for model"],
  ],
  [{ backlog: [{ service: "model", waiting: 0, behind_s: 200, still_s: null }] }, []],
  [
    { backlog: [{ service: "metrics", waiting: 1, behind_s: 2, still_s: 40 }] },
    ["1 message waits for metrics, and it has taken none for 40 s"],
  ],
])("of %j it says %j", (more, expected) => {
  expect(problems(more)).toEqual(expected);
  expect(healthFrom({ ...well, ...more }).problems.every(({ remedy }) => remedy.length > 10)).toBe(true);
});

test("all is not well while an alarm stands or an alert fires, in any lane", () => {
  const since = "about 2026-11-29 05:51:00 UTC (row 4002 of the log): MAE 43 before, 94 since. Noticed at row 4057.";
  const alarms = [
    { lane: "champion", state: "worse", since },
    { lane: "challenger", state: "better", since: null },
  ];
  const alert = { severity: "critical", since: "2026-11-29T05:52:00.000Z" } as const;
  const alerts = [
    { ...alert, lane: "champion", rule: "error-worse", kind: "error_alarm", summary: "The mean error became worse." },
    { ...alert, lane: "champion", rule: "no-labels", kind: "no_labels", summary: "No label came for 90000 s, while predictions came." },
  ];
  expect(healthFrom({ ...well, alarms, alerts }).problems).toEqual([
    { what: "The error is worse", remedy: `It became worse at ${since} See`, place: { href: "#tiles", title: "Alarm" } },
    {
      what: "The error of challenger is better",
      remedy: " If nobody improved the model, look for a label that leaks into the features. See",
      place: { href: "#tiles", title: "Alarm" },
    },
    { what: "The alert no-labels fires", remedy: "No label came for 90000 s, while predictions came." },
  ]);
  // That of a change for the worse fires on while the error is better.
  const change = errorChangeOf();
  const better = [{ lane: "champion", state: "better", since: null }];
  expect(problems({ alarms: better, alerts: alerts.slice(0, 1).map((worse) => ({ ...worse, change })) })).toEqual([
    "The error is better",
    "The alert error-worse fires",
  ]);
  // An alarm that is over: its alert fires a little longer.
  expect(problems({ alerts: alerts.slice(0, 1) })).toEqual(["The alert error-worse fires"]);
});

test.each([
  ["model.champion", "rows for the model"],
  ["metrics.champion.y_true", "labels for metrics"],
  ["metrics.champion.y_pred", "predictions for metrics"],
  ["metrics.champion.2of4.y_pred", "predictions for metrics"],
  ["gateway.champion.refused", "refusals for the gateway"],
  ["windows", "windows for the gateway"],
  ["feature-windows", "windows for the gateway"],
  ["alerts", "alerts to be delivered"],
  ["dead-letters", "dead letters"],
])("the queue %s has %s", (name, words) => {
  expect(queueWords(name)).toBe(words);
});

test("what waits is named by the longest queue", () => {
  const queues = { "model.champion": 3, "metrics.champion.y_true": 1_200, "dead-letters": 5 };
  expect(healthFrom({ ...well, rabbitmq: { ...well.rabbitmq, queues } }).facts[1]).toBe(
    "1,203 messages wait, most of them labels for metrics",
  );
});
