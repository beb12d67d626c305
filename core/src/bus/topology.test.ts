import { describe, expect, test } from "vitest";
import { hasRoute, topologyOf } from "./topology.js";

describe("The topology", () => {
  test("of one lane has its three queues and the dead letters", () => {
    const { exchanges, queues } = topologyOf(["champion"]);
    expect(exchanges.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      "rows direct",
      "predictions direct",
      "dead fanout",
      "metrics fanout",
    ]);
    expect(queues.map(({ name, from }) => `${name} <- ${from.exchange}/${from.routingKey}`)).toEqual([
      "dead-letters <- dead/",
      "model.champion <- rows/features",
      "metrics.champion.y_true <- rows/y_true",
      "metrics.champion.y_pred <- predictions/champion",
    ]);
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
