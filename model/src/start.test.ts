import { join } from "node:path";
import {
  CHAMPION,
  featuresContract,
  FEATURES,
  Ids,
  MemoryBroker,
  MemoryBus,
  predictionContract,
  queuesOf,
  topologyOf,
} from "@streamgauge/core";
import { captureLog, Inbox, startServiceOn } from "@streamgauge/testing";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { expect, onTestFinished, test } from "vitest";
import { defaultModelPath } from "./session/index.js";
import { SETTINGS, start } from "./start.js";

/** A bus for the service, and one beside it. */
function stage() {
  const { log } = captureLog();
  const broker = new MemoryBroker(topologyOf([CHAMPION]));
  const [bus, other] = [new MemoryBus(broker, "model", log), new MemoryBus(broker, "test", log)];
  onTestFinished(() => bus.close());
  return { bus, broker, other };
}

test("opens the model that the settings name, and scores until its scope is closed", async () => {
  const { bus, broker, other } = stage();
  const predictions = new Inbox();
  await other.consume(queuesOf(CHAMPION).predictions, predictions.handler, { prefetch: 10 });
  const { running, close } = await startServiceOn(bus, { SETTINGS, start }, { MODEL_PATH: defaultModelPath, LOGS_DIR: temporaryFolder() });
  const { active, scoring } = running;
  expect(active.current.label).toMatch(/^diabetes@[0-9a-f]{12}$/);
  const columns = new Map(active.current.features.map((name) => [name, Float64Array.of(1)]));
  const message = featuresContract.write({ ids: Ids.of(["one"]), columns }, "json", 0);
  await other.publish(FEATURES, message);
  const { frame } = predictionContract.read(await predictions.one());
  expect([frame.ids.toArray(), frame.model]).toEqual([["one"], active.current.label]);
  await close();
  expect({ ...scoring.counts, inFlight: scoring.inFlight }).toEqual({ predicted: 1, refused: 0, inFlight: 0 });
  await other.publish(FEATURES, message);
  expect(broker.queue(queuesOf(CHAMPION).features).depth).toBe(1);
});

test("fails with what is wrong with the model, and reads no rows", async () => {
  const path = join(temporaryFolder(), "missing.onnx");
  const { bus, broker, other } = stage();
  await expect(startServiceOn(bus, { SETTINGS, start }, { MODEL_PATH: path, LOGS_DIR: temporaryFolder() })).rejects.toMatchObject({
    name: "ModelError",
    reason: "missing",
    path,
  });
  await other.publish(FEATURES, featuresContract.write({ ids: Ids.of(["one"]), columns: new Map([["a", [1]]]) }, "json", 0));
  expect(broker.queue(queuesOf(CHAMPION).features).depth).toBe(1);
});

test("fails if MONITOR_FEATURES names no feature of the model, and says which there are", async () => {
  const { bus } = stage();
  const settings = { MODEL_PATH: defaultModelPath, LOGS_DIR: temporaryFolder(), MONITOR_FEATURES: "bmi,nope" };
  await expect(startServiceOn(bus, { SETTINGS, start }, settings)).rejects.toThrow(
    /^The configuration has a mistake:\n {2}- MONITOR_FEATURES names "nope", and drift of model diabetes can be watched in "age", "sex", "bmi", /,
  );
});
