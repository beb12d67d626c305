import { describe, expect, test } from "vitest";
import { HOUR_MS, nextStep, type Waiting } from "./next-step.js";

const NOW = 1_700_000_000_000;

function waiting(key: string, more: Partial<Waiting> = {}): Waiting {
  return { key, episode: key, refusals: 0, notBefore: 0, ...more };
}

describe("Without a limit", () => {
  test("alerts go out one by one, the oldest first", () => {
    expect(nextStep([waiting("a"), waiting("b")], [NOW, NOW], NOW, undefined)).toEqual({ kind: "send", keys: ["a"] });
  });

  test("nothing waits: nothing is done", () => {
    expect(nextStep([], [], NOW, undefined)).toEqual({ kind: "idle" });
  });

  test("one that was refused lets the others pass, but not those of its episode", () => {
    const refused = waiting("a.firing", { episode: "a", refusals: 1, notBefore: NOW + 5_000 });
    const resolved = waiting("a.resolved", { episode: "a" });
    expect(nextStep([refused, resolved, waiting("b")], [], NOW, undefined)).toEqual({ kind: "send", keys: ["b"] });
    expect(nextStep([refused], [], NOW, undefined)).toEqual({ kind: "wait", ms: 5_000 });
    expect(nextStep([refused, resolved], [], NOW, undefined)).toEqual({ kind: "wait", ms: 5_000 });
    expect(nextStep([refused, resolved], [], NOW + 5_000, undefined)).toEqual({ kind: "send", keys: ["a.firing"] });
  });
});

describe("With three an hour", () => {
  const three = [waiting("a"), waiting("b"), waiting("c")];

  test("the first two are sent by themselves, and the third message has all that waits", () => {
    expect(nextStep(three, [], NOW, 3)).toEqual({ kind: "send", keys: ["a"] });
    expect(nextStep(three.slice(1), [NOW], NOW, 3)).toEqual({ kind: "send", keys: ["b"] });
    expect(nextStep(three, [NOW - 1, NOW], NOW, 3)).toEqual({ kind: "send", keys: ["a", "b", "c"] });
  });

  test("a fourth waits until the first is an hour old", () => {
    const sent = [NOW - 30 * 60_000, NOW - 1, NOW];
    expect(nextStep(three, sent, NOW, 3)).toEqual({ kind: "wait", ms: 30 * 60_000 });
    expect(nextStep(three, sent, NOW + 30 * 60_000, 3)).toEqual({ kind: "send", keys: ["a", "b", "c"] });
  });

  test("a clock that was set back blocks for an hour at most", () => {
    const future = NOW + 100 * HOUR_MS;
    expect(nextStep(three, [future, future, future], NOW, 3)).toEqual({ kind: "wait", ms: HOUR_MS });
  });

  test("a summary has a hundred alerts, and the others wait for the next", () => {
    const many = Array.from({ length: 250 }, (_, i) => waiting(`k${i}`));
    const step = nextStep(many, [NOW, NOW], NOW, 3);
    expect(step.kind === "send" && [step.keys.length, step.keys.at(-1)]).toEqual([100, "k99"]);
  });
});
