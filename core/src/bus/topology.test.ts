import { describe, expect, test } from "vitest";
import { captureLog } from "@streamgauge/testing";
import { DONE } from "./bus.js";
import { MemoryBroker } from "./memory/broker.js";
import { MemoryBus } from "./memory/bus.js";
import { argumentsOf } from "./rabbit/queue-arguments.js";
import { addressOfAllIds, hasRoute, topologyOf, withGateway } from "./topology.js";

describe("The topology", () => {
  test("of one lane has its three queues, the dead letters and the windows", () => {
    const { exchanges, queues } = topologyOf(["champion"]);
    expect(exchanges.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      "rows direct",
      "predictions direct",
      "dead fanout",
      "metrics fanout",
      "alerts fanout",
      "windows fanout",
      "feature-windows fanout",
      "window-requests fanout",
      "dead-letters-resent fanout",
    ]);
    expect(queues.map(({ name, from }) => `${name} <- ${from.exchange}/${from.routingKey}`)).toEqual([
      "dead-letters <- dead/",
      "alerts <- alerts/",
      "windows <- windows/",
      "feature-windows <- feature-windows/",
      "model.champion <- rows/features",
      "metrics.champion.y_true <- rows/y_true",
      "metrics.champion.y_pred <- predictions/champion",
    ]);
  });

  test("of several partitions has two more exchanges, for the figures of their rules", () => {
    const names = (partitions: number) => topologyOf(["champion"], partitions).exchanges.map(({ name }) => name);
    expect(names(4)).toEqual([...names(1), "figure-questions", "figure-answers"]);
  });

  test("bounds every queue but that of the dead letters", () => {
    const unbounded = topologyOf(["champion", "challenger"]).queues.filter(({ limit }) => limit === undefined);
    expect(unbounded.map(({ name }) => name)).toEqual(["dead-letters"]);
  });

  test.each([
    ["rows", "features", true],
    ["predictions", "champion", true],
    ["predictions", "challenger", false],
    ["dead", "anything", true],
    ["", "model.champion", true],
    ["", "rows", false],
    ["metrics", "", false],
    ["missing", "features", false],
  ])("has a route from %j with %j: %j", (exchange, routingKey, expected) => {
    expect(hasRoute(topologyOf(["champion"]), { exchange, routingKey })).toBe(expected);
  });
});

describe("A gateway", () => {
  const gateway = withGateway(topologyOf(["champion"]), "champion");

  test("has copies of predictions, labels and dead letters, in queues that never refuse", () => {
    const copies = gateway.queues.filter(({ name }) => name.startsWith("gateway."));
    expect(copies.map(({ name, from }) => `${name} <- ${from.exchange}/${from.routingKey}`)).toEqual([
      "gateway.champion.y_pred <- predictions/champion",
      "gateway.champion.y_true <- rows/y_true",
      "gateway.champion.refused <- dead/",
    ]);
    expect(copies.map((queue) => argumentsOf(queue)["x-overflow"])).toEqual(["drop-head", "drop-head", "drop-head"]);
  });

  test("that is away makes no sender wait: its queue forgets the oldest", async () => {
    const queues = gateway.queues.map((queue) =>
      queue.overflow === undefined ? queue : { ...queue, limit: { messages: 2, bytes: 1_000 } },
    );
    const bus = new MemoryBus(new MemoryBroker({ ...gateway, queues }), "model", captureLog().log);
    for (const text of ["1", "2", "3"]) {
      await bus.publish(
        { exchange: "predictions", routingKey: "champion" },
        { body: Buffer.from(text), contentType: "", type: "", headers: {} },
      );
    }
    const kept: string[] = [];
    await bus.drain("gateway.champion.y_pred", 10, async ({ body }) => {
      kept.push(body.toString());
      return DONE;
    });
    expect(kept).toEqual(["2", "3"]);
    await bus.close();
  });
});

test("A lane beside the champion misses rows rather than hold up those who send them", () => {
  const { queues } = topologyOf(["champion", "challenger"]);
  const overflow = Object.fromEntries(queues.map((queue) => [queue.name, argumentsOf(queue)["x-overflow"]]));
  expect(overflow).toEqual({
    "dead-letters": undefined,
    alerts: "reject-publish",
    // A gateway that starts asks for all windows.
    windows: "drop-head",
    "feature-windows": "drop-head",
    "model.champion": "reject-publish",
    "metrics.champion.y_true": "reject-publish",
    "metrics.champion.y_pred": "reject-publish",
    "model.challenger": "drop-head",
    "metrics.challenger.y_true": "drop-head",
    "metrics.challenger.y_pred": "drop-head",
  });
  // As dead letters they would come back to a queue that is full.
  expect(
    queues.filter(({ name }) => name.includes("challenger")).every((queue) => argumentsOf(queue)["x-dead-letter-exchange"] === undefined),
  ).toBe(true);
});

test.each([
  ["rows/y_true.2of4", "rows/y_true"],
  ["predictions/champion.2of4", "predictions/champion"],
  ["/metrics.champion.2of4.y_pred", "/metrics.champion.y_pred"],
  ["rows/y_true", "rows/y_true"],
  ["rows/features", "rows/features"],
  ["others/a.1of2", "others/a.1of2"],
])("rows for %s go to %s if they are of all ids", (address, ofAll) => {
  const [exchange = "", routingKey = ""] = address.split("/");
  const { exchange: to, routingKey: key } = addressOfAllIds({ exchange, routingKey });
  expect(`${to}/${key}`).toBe(ofAll);
});
