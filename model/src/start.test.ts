import { join } from "node:path";
import {
  CHAMPION,
  COMMON_SETTINGS,
  featuresContract,
  FEATURES,
  Ids,
  MemoryBroker,
  MemoryBus,
  openHealthServer,
  predictionContract,
  queuesOf,
  partOf,
  readConfig,
  topologyOf,
  type ServiceLink,
} from "@streamgauge/core";
import { captureLog, Inbox } from "@streamgauge/testing";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { Registry } from "prom-client";
import { expect, onTestFinished, test } from "vitest";
import { defaultModelPath } from "./session/index.js";
import { SETTINGS, start } from "./start.js";

/** What a service is started with, and a bus beside it. */
async function stage(settings: Readonly<Record<string, string>>) {
  const fail = () => expect.unreachable();
  const scope = partOf({ own: (thing) => thing, signal: new AbortController().signal, stop: fail, fail });
  onTestFinished(() => scope.close());
  const { log } = captureLog();
  const broker = new MemoryBroker(topologyOf([CHAMPION]));
  const registry = new Registry();
  const health = scope.own(await openHealthServer({ host: "127.0.0.1", port: 0, registry, ready: () => true }));
  const link: ServiceLink = { bus: scope.own(new MemoryBus(broker, "model", log)), log, registry, health, lane: CHAMPION };
  const config = readConfig(COMMON_SETTINGS, { LOGS_DIR: temporaryFolder(), ...settings }, SETTINGS);
  return { scope, link, config, broker, other: new MemoryBus(broker, "test", log) };
}

test("opens the model that the settings name, and scores until its scope is closed", async () => {
  const { scope, link, config, broker, other } = await stage({ MODEL_PATH: defaultModelPath });
  const predictions = new Inbox();
  await other.consume(queuesOf(CHAMPION).predictions, predictions.handler, { prefetch: 10 });
  const { active, scoring } = await start(scope, config, link);
  expect(active.current.label).toMatch(/^diabetes@[0-9a-f]{12}$/);
  const columns = new Map(active.current.features.map((name) => [name, Float64Array.of(1)]));
  const message = featuresContract.write({ ids: Ids.of(["one"]), columns }, "json", 0);
  await other.publish(FEATURES, message);
  const { frame } = predictionContract.read(await predictions.one());
  expect([frame.ids.toArray(), frame.model]).toEqual([["one"], active.current.label]);
  await scope.close();
  expect({ ...scoring.counts, inFlight: scoring.inFlight }).toEqual({ predicted: 1, refused: 0, inFlight: 0 });
  await other.publish(FEATURES, message);
  expect(broker.queue(queuesOf(CHAMPION).features).depth).toBe(1);
});

test("fails with what is wrong with the model, and reads no rows", async () => {
  const path = join(temporaryFolder(), "missing.onnx");
  const { scope, link, config, broker, other } = await stage({ MODEL_PATH: path });
  await expect(start(scope, config, link)).rejects.toMatchObject({ name: "ModelError", reason: "missing", path });
  await other.publish(FEATURES, featuresContract.write({ ids: Ids.of(["one"]), columns: new Map([["a", [1]]]) }, "json", 0));
  expect(broker.queue(queuesOf(CHAMPION).features).depth).toBe(1);
});
