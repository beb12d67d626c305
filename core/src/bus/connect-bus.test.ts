import { captureLog } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { connectBus, SHARED_SCHEMES, UnknownTransportError } from "./connect-bus.js";
import { topologyOf } from "./topology.js";

const { log } = captureLog();

test("a scheme that no transport serves is refused, and the error lists those that are served", async () => {
  const connecting = connectBus({ url: "kafka://localhost:9092", topology: topologyOf([]), name: "model", log });
  await expect(connecting).rejects.toThrow(UnknownTransportError);
  await expect(connecting).rejects.toThrow(/^No transport serves URLs that begin with kafka:: use one of amqp:, amqps:, memory:$/);
});

test("a broker in memory does not link processes", () => {
  expect(SHARED_SCHEMES).toEqual(["amqp:", "amqps:"]);
});

test("links with the same memory URL share a broker until the last one is closed", async () => {
  const topology = topologyOf(["champion"]);
  const [one, other, apart] = await Promise.all(
    ["memory:shared", "memory:shared", "memory:apart"].map((url) => connectBus({ url, topology, name: "test", log })),
  );
  await one?.publish({ exchange: "rows", routingKey: "features" }, { body: Buffer.from("a"), contentType: "", type: "", headers: {} });
  expect([await other?.depth("model.champion"), await apart?.depth("model.champion")]).toEqual([1, 0]);
  await Promise.all([one?.close(), other?.close()]);
  const later = await connectBus({ url: "memory:shared", topology, name: "test", log });
  expect(await later.depth("model.champion")).toBe(0);
});
