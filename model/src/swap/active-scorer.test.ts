import { Deferred } from "@streamgauge/core";
import { expect, test } from "vitest";
import { ActiveScorer } from "./active-scorer.js";
import type { Scorer } from "../session/scorer.js";

/** A scorer, and whether it is closed. */
function scorer(label: string): Scorer & { closed: boolean } {
  const made = {
    label,
    features: [],
    kinds: [],
    allowsMissing: false,
    concurrency: 1,
    closed: false,
    score: async () => ({ yPred: new Float64Array(), model: label, unit: "" }),
    close: async () => {
      made.closed = true;
    },
  };
  return made;
}

test("the one before is closed when the last that uses it is done", async () => {
  const [one, two] = [scorer("one"), scorer("two")];
  const active = new ActiveScorer(one);
  const [first, second] = [new Deferred<void>(), new Deferred<void>()];
  const used: string[] = [];
  const use = (until: Promise<void>) =>
    active.using(async ({ label }) => {
      await until;
      used.push(label);
    });
  const uses = [use(first.promise), use(second.promise)];
  active.swap(two);
  expect(active.current.label).toBe("two");
  first.resolve();
  await uses[0];
  expect(one.closed).toBe(false);
  second.resolve();
  await uses[1];
  expect(one.closed).toBe(true);
  await use(Promise.resolve());
  expect(used).toEqual(["one", "one", "two"]);
  expect(two.closed).toBe(false);
  await active.close();
  expect(two.closed).toBe(true);
});

test("one that is not in use is closed at once", async () => {
  const [one, two] = [scorer("one"), scorer("two")];
  const active = new ActiveScorer(one);
  active.swap(two);
  expect(one.closed).toBe(true);
});

test("no calls begin while it is suspended, and those that wait are called when they may", () => {
  const active = new ActiveScorer(scorer("one"));
  let told = 0;
  active.onChange = () => (told += 1);
  active.suspend();
  expect(active.concurrency).toBe(0);
  active.swap(scorer("two"));
  expect([active.concurrency, told]).toEqual([1, 1]);
});

test("use ends with what the work failed with", async () => {
  const [one, two] = [scorer("one"), scorer("two")];
  const active = new ActiveScorer(one);
  const failing = active.using(() => Promise.reject(new Error("no")));
  active.swap(two);
  await expect(failing).rejects.toThrow("no");
  expect(one.closed).toBe(true);
});
