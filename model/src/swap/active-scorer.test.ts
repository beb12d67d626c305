import { Deferred } from "@streamgauge/core";
import { expect, test } from "vitest";
import { ScorerHolder } from "./active-scorer.js";
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
  const holder = new ScorerHolder(one);
  const [first, second] = [new Deferred<void>(), new Deferred<void>()];
  const used: string[] = [];
  const use = (until: Promise<void>) =>
    holder.using(async ({ label }) => {
      await until;
      used.push(label);
    });
  const uses = [use(first.promise), use(second.promise)];
  holder.swap(two);
  expect(holder.current.label).toBe("two");
  first.resolve();
  await uses[0];
  expect(one.closed).toBe(false);
  second.resolve();
  await uses[1];
  expect(one.closed).toBe(true);
  await use(Promise.resolve());
  expect(used).toEqual(["one", "one", "two"]);
  expect(two.closed).toBe(false);
  await holder.close();
  expect(two.closed).toBe(true);
});

test("one that nobody uses is closed at once", async () => {
  const [one, two] = [scorer("one"), scorer("two")];
  const holder = new ScorerHolder(one);
  holder.swap(two);
  expect(one.closed).toBe(true);
});

test("no calls begin while it is suspended, and whoever waits is told when they may", () => {
  const holder = new ScorerHolder(scorer("one"));
  let told = 0;
  holder.onChange = () => (told += 1);
  holder.suspend();
  expect(holder.concurrency).toBe(0);
  holder.swap(scorer("two"));
  expect([holder.concurrency, told]).toEqual([1, 1]);
});

test("use ends with what the work failed with", async () => {
  const [one, two] = [scorer("one"), scorer("two")];
  const holder = new ScorerHolder(one);
  const failing = holder.using(() => Promise.reject(new Error("no")));
  holder.swap(two);
  await expect(failing).rejects.toThrow("no");
  expect(one.closed).toBe(true);
});
