import { alertKey } from "@streamgauge/core";
import { sampleAlert } from "@streamgauge/testing";
import { describe, expect, test } from "vitest";
import { Deliveries, MAX_WAITING } from "./deliveries.js";
import { DELIVERIES_FORMAT } from "./saved-deliveries.js";

const NOW = 1_700_000_000_000;
const FIRING = sampleAlert("mae-high");
const RESOLVED = sampleAlert("mae-high", { state: "resolved" });

function fresh(...receivers: string[]): Deliveries {
  return Deliveries.restore(undefined, receivers).deliveries;
}

/** As after a restart. */
function restarted(deliveries: Deliveries, ...receivers: string[]) {
  return Deliveries.restore(DELIVERIES_FORMAT.read(DELIVERIES_FORMAT.write(deliveries.saved())), receivers);
}

function keysOf(deliveries: Deliveries, receiver: string): readonly string[] {
  return deliveries.waiting(receiver).map(({ key }) => key);
}

describe("An alert", () => {
  test("waits for each receiver until that one has it, also over a restart", () => {
    const deliveries = fresh("a", "b");
    deliveries.take(FIRING);
    deliveries.delivered("a", [alertKey(FIRING)], 0, NOW);
    const { deliveries: later } = restarted(deliveries, "a", "b");
    expect([keysOf(later, "a"), keysOf(later, "b"), later.sent("a"), later.sent("b")]).toEqual([[], [alertKey(FIRING)], [NOW], []]);
    expect(later.alerts([alertKey(FIRING)])).toEqual([FIRING]);
  });

  test("that comes again is taken once, also over a restart", () => {
    const deliveries = fresh("a");
    expect([deliveries.take(FIRING), deliveries.take(FIRING)]).toEqual([true, false]);
    expect(restarted(deliveries, "a").deliveries.take(FIRING)).toBe(false);
    expect(keysOf(deliveries, "a")).toEqual([alertKey(FIRING)]);
  });

  test("that comes after its own end is passed over", () => {
    const deliveries = fresh("a");
    deliveries.take(RESOLVED);
    expect(deliveries.take(FIRING)).toBe(false);
    expect(deliveries.firing).toEqual([]);
  });

  test("fires until it is resolved, and is then forgotten when all have it", () => {
    const deliveries = fresh("a");
    deliveries.take(FIRING);
    expect(deliveries.firing).toEqual([FIRING]);
    deliveries.take(RESOLVED);
    expect(deliveries.firing).toEqual([]);
    deliveries.delivered("a", [alertKey(FIRING), alertKey(RESOLVED)], 0, NOW);
    expect(deliveries.saved().alerts).toEqual([]);
  });
});

describe("A receiver", () => {
  test("that is new gets what fires now", () => {
    const deliveries = fresh("a");
    deliveries.take(FIRING);
    deliveries.take(sampleAlert("rmse-high"));
    deliveries.take(sampleAlert("rmse-high", { state: "resolved" }));
    expect(keysOf(restarted(deliveries, "a", "b").deliveries, "b")).toEqual([alertKey(FIRING)]);
  });

  test("that is gone is named with how many alerts waited for it", () => {
    const deliveries = fresh("a", "b");
    deliveries.take(FIRING);
    deliveries.take(RESOLVED);
    deliveries.delivered("b", [alertKey(FIRING)], 0, NOW);
    expect(restarted(deliveries, "a").dropped).toEqual(new Map([["b", 1]]));
  });

  test("that refuses an alert gets it again after a minute, then two, and at most an hour", () => {
    const deliveries = fresh("a");
    deliveries.take(FIRING);
    const pauses: number[] = [];
    for (let time = 1; time <= 8; time += 1) {
      deliveries.refused("a", [alertKey(FIRING)], NOW);
      pauses.push(((deliveries.waiting("a")[0]?.notBefore ?? 0) - NOW) / 60_000);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  test("that is away has a thousand alerts kept, and gets the number of older ones that are left out", () => {
    const deliveries = fresh("a");
    for (let i = 0; i < MAX_WAITING + 3; i += 1) deliveries.take(sampleAlert("mae-high", { state: "resolved" }, NOW + i));
    expect([deliveries.waiting("a").length, deliveries.skipped("a"), deliveries.saved().alerts.length]).toEqual([1_000, 3, 1_000]);
    expect(keysOf(deliveries, "a")[0]).toBe(alertKey(sampleAlert("mae-high", { state: "resolved" }, NOW + 3)));
    deliveries.delivered("a", keysOf(deliveries, "a").slice(0, 2), 3, NOW);
    expect(deliveries.skipped("a")).toBe(0);
  });
});
