import { startPrivateBroker, type PrivateBroker } from "../index.js";
import { until } from "../until.js";
import { afterAll, beforeAll, test } from "vitest";
import { AlertWatch } from "./harness/alert-watch.js";

/** Where metrics and alerts can be killed exactly, with an alert between two steps. */
const WINDOWS = [
  { service: "metrics", failpoint: "metrics-after-sync" },
  { service: "metrics", failpoint: "metrics-after-commit" },
  { service: "metrics", failpoint: "metrics-after-alert-confirm" },
  { service: "alerts", failpoint: "alerts-before-save" },
  { service: "alerts", failpoint: "alerts-after-save" },
  { service: "alerts", failpoint: "alerts-after-delivery" },
] as const;

let broker: PrivateBroker;
beforeAll(async () => {
  broker = await startPrivateBroker();
});
afterAll(() => broker.stop());

test.for(WINDOWS)("a kill at $failpoint loses no alert", async ({ service, failpoint }, context) => {
  const watch = await AlertWatch.open(context, broker);
  await watch.episode();
  const process = service === "alerts" ? watch.alerts : watch.pipeline.metrics;
  await watch.episode(() => process.crashAt(`${failpoint}:1`));
  await watch.episode();
  await watch.settles(context);
});

test("a kill of the broker while an alert is on its way loses none", async (context) => {
  const watch = await AlertWatch.open(context, broker);
  await watch.episode(async () => {
    await watch.pipeline.killBroker(broker);
    await broker.start();
  });
  await watch.episode();
  await watch.settles(context);
});

test("alerts that fire while no process of alerts runs are delivered later", async (context) => {
  const watch = await AlertWatch.open(context, broker);
  await watch.alerts.end();
  await watch.episode(async () => {
    await until(
      "an alert waits in the queue",
      () => watch.pipeline.depths(),
      (queues) => (queues["alerts"] ?? 0) > 0,
    );
    watch.alerts.start();
  });
  await watch.settles(context);
});
