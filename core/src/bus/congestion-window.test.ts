import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CongestionWindow } from "./congestion-window.js";

beforeEach(() => {
  vi.useFakeTimers();
  // A pause that is drawn as nearly nothing would be over at once.
  vi.spyOn(Math, "random").mockReturnValue(0.5);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** No pause after a first refusal is longer, ms. */
const FIRST_PAUSE = 20;

/** Messages by name, in the order in which they went out. */
class Senders {
  readonly window = new CongestionWindow();
  readonly out: string[] = [];
  readonly #numbers = new Map<string, number>();

  send(...names: string[]): Promise<void> {
    for (const name of names) void Promise.resolve(this.window.enter()).then((number) => this.#went(name, number));
    return settled();
  }

  refuse(...names: string[]): Promise<void> {
    for (const name of names) void this.window.refused(this.#numbers.get(name) ?? 0).then((number) => this.#went(name, number));
    return settled();
  }

  confirm(...names: string[]): Promise<void> {
    for (const _ of names) this.window.leave();
    return settled();
  }

  #went(name: string, number: number): void {
    this.#numbers.set(name, number);
    this.out.push(name);
  }
}

async function settled(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

describe("a congestion window", () => {
  test("lets everything out until the first refusal", async () => {
    const senders = new Senders();
    const names = Array.from({ length: 1_000 }, (_, i) => `${i}`);
    await senders.send(...names);
    expect(senders.out).toEqual(names);
  });

  test("pauses after a refusal, and then lets out half of what was under way, what was refused first", async () => {
    const senders = new Senders();
    await senders.send("a", "b", "c", "d");
    await senders.refuse("a");
    await senders.send("e");
    await senders.refuse("b", "c", "d");
    expect(senders.out).toHaveLength(4);
    await vi.advanceTimersByTimeAsync(FIRST_PAUSE);
    expect(senders.out.slice(4)).toEqual(["a", "b"]);
    await senders.confirm("a", "b");
    expect(senders.out.slice(6)).toEqual(["c", "d"]);
  });

  test("takes refusals of one burst for one", async () => {
    const senders = new Senders();
    await senders.send("a", "b", "c", "d", "e", "f", "g", "h");
    await senders.refuse("a", "b", "c", "d", "e", "f", "g", "h");
    await vi.advanceTimersByTimeAsync(FIRST_PAUSE);
    expect(senders.out.slice(8)).toEqual(["a", "b", "c", "d"]);
  });

  test("sends one message a pause, and seldom, to a queue without a reader", async () => {
    const senders = new Senders();
    const names = Array.from({ length: 64 }, (_, i) => `${i}`);
    await senders.send(...names);
    await senders.refuse(...names);
    vi.spyOn(Math, "random").mockReturnValue(1);
    const perPause: number[] = [];
    for (let i = 0; i < 10; i += 1) {
      const before = senders.out.length;
      await vi.advanceTimersByTimeAsync(500);
      perPause.push(senders.out.length - before);
      await senders.refuse(...senders.out.slice(before));
    }
    expect(perPause).toEqual([32, 16, 8, 4, 2, 1, 1, 1, 1, 1]);
    vi.restoreAllMocks();
  });

  test("lets out one more for each window that got through", async () => {
    const senders = new Senders();
    await senders.send("a", "b");
    await senders.refuse("a", "b");
    await senders.send("c", "d", "e", "f", "g", "h");
    await vi.advanceTimersByTimeAsync(FIRST_PAUSE);
    expect(senders.out.slice(2)).toEqual(["a"]);
    await senders.confirm("a");
    expect(senders.out.slice(3)).toEqual(["b", "c"]);
    await senders.confirm("b", "c");
    expect(senders.out.slice(5)).toEqual(["d", "e"]);
    await senders.confirm("d", "e");
    expect(senders.out.slice(7)).toEqual(["f", "g", "h"]);
  });

  test("lets everyone out when it is released", async () => {
    const senders = new Senders();
    await senders.send("a", "b");
    await senders.refuse("a", "b");
    await senders.send("c");
    senders.window.release();
    await settled();
    expect(senders.out).toEqual(["a", "b", "a", "b", "c"]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
