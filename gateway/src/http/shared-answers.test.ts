import { expect, test } from "vitest";
import { SharedAnswers } from "./shared-answers.js";

test("an answer is computed once for all who ask meanwhile, and given for nine times as long as it took", async () => {
  let now = 0;
  let computed = 0;
  const answers = new SharedAnswers<number>(() => now);
  const ask = (question: string) =>
    answers.get(question, async () => {
      computed += 1;
      const mine = computed;
      await Promise.resolve();
      now += 100;
      return mine;
    });
  expect(await Promise.all([ask("a"), ask("a"), ask("b")])).toEqual([1, 1, 2]);
  now = 100 + 899;
  expect(await ask("a")).toBe(1);
  now = 200 + 1_800;
  expect(await ask("a")).toBe(3);
});

test("a failure is not kept", async () => {
  const answers = new SharedAnswers<string>(() => 0);
  await expect(answers.get("a", () => Promise.reject(new Error("away")))).rejects.toThrow("away");
  expect(await answers.get("a", () => Promise.resolve("back"))).toBe("back");
});

test("of many questions the latest 32 are kept", async () => {
  const answers = new SharedAnswers<number>(() => 0);
  const never = () => new Promise<number>(() => undefined);
  const first = answers.get("0", never);
  for (let i = 1; i <= 31; i += 1) void answers.get(String(i), never);
  expect(answers.get("0", never)).toBe(first);
  void answers.get("32", never);
  expect(answers.get("0", never)).not.toBe(first);
});
