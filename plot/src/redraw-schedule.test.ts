import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { LogUpdate } from "./logged-rows.js";
import { RedrawSchedule } from "./redraw-schedule.js";

const NOTHING_NEW: LogUpdate = { changed: false, caughtUp: true };
const NEW_ROWS: LogUpdate = { changed: true, caughtUp: true };
const MORE_TO_READ: LogUpdate = { changed: true, caughtUp: false };

const update = vi.fn<() => Promise<LogUpdate>>();
const draw = vi.fn<() => Promise<void>>();
const onError = vi.fn<(error: unknown) => void>();
/** Follows the fake timers. */
const clock = () => performance.now();
let schedule: RedrawSchedule;

beforeEach(() => {
  vi.useFakeTimers();
  update.mockReset().mockResolvedValue(NOTHING_NEW);
  draw.mockReset().mockResolvedValue();
  onError.mockReset();
  schedule = new RedrawSchedule({ update, pictures: [draw], onError, clock });
});

afterEach(() => {
  vi.useRealTimers();
});

async function start(): Promise<void> {
  schedule.start();
  await vi.advanceTimersByTimeAsync(0);
}

/** A drawing that lasts until it is ended. */
function longDrawing(): () => void {
  const { promise, resolve } = withResolvers();
  draw.mockReturnValueOnce(promise);
  return resolve;
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

test("the first turn draws, even when nothing is logged", async () => {
  await start();
  expect(draw).toHaveBeenCalledTimes(1);
});

describe("a notice", () => {
  test("is followed by a drawing at once when the last turn is over a second ago", async () => {
    await start();
    await vi.advanceTimersByTimeAsync(1_000);
    update.mockResolvedValueOnce(NEW_ROWS);
    schedule.notice();
    await vi.advanceTimersByTimeAsync(0);
    expect(draw).toHaveBeenCalledTimes(2);
  });

  test("waits until a second has passed since the last turn, and many are one", async () => {
    await start();
    update.mockResolvedValue(NEW_ROWS);
    for (let times = 0; times < 100; times += 1) schedule.notice();
    await vi.advanceTimersByTimeAsync(999);
    expect(draw).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(draw).toHaveBeenCalledTimes(2);
  });

  test("draws nothing when nothing is new", async () => {
    await start();
    await vi.advanceTimersByTimeAsync(1_000);
    schedule.notice();
    await vi.advanceTimersByTimeAsync(0);
    expect(update).toHaveBeenCalledTimes(2);
    expect(draw).toHaveBeenCalledTimes(1);
  });

  test("during a drawing starts no second one, and is not forgotten", async () => {
    const endDrawing = longDrawing();
    await start();
    schedule.notice();
    await vi.advanceTimersByTimeAsync(50);
    expect(update).toHaveBeenCalledTimes(1);
    endDrawing();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(update).toHaveBeenCalledTimes(2);
  });

  test("waits nineteen times what the last drawing took, so that drawing takes a twentieth of the time", async () => {
    const endDrawing = longDrawing();
    await start();
    await vi.advanceTimersByTimeAsync(200);
    endDrawing();
    schedule.notice();
    await vi.advanceTimersByTimeAsync(19 * 200 - 1);
    expect(update).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(update).toHaveBeenCalledTimes(2);
  });
});

describe("without notices", () => {
  test("the log is looked at every five seconds, and drawn only when it has grown", async () => {
    await start();
    await vi.advanceTimersByTimeAsync(4_999);
    expect(update).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(update).toHaveBeenCalledTimes(2);
    expect(draw).toHaveBeenCalledTimes(1);
    update.mockResolvedValueOnce(NEW_ROWS);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(draw).toHaveBeenCalledTimes(2);
  });

  test("a log too long for one turn is drawn once a second as far as it was read", async () => {
    update.mockResolvedValueOnce(MORE_TO_READ).mockResolvedValueOnce(MORE_TO_READ).mockResolvedValueOnce(NEW_ROWS);
    await start();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(draw).toHaveBeenCalledTimes(3);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(update).toHaveBeenCalledTimes(3);
  });
});

describe("a failure", () => {
  test("of drawing is logged, and it is drawn again though nothing is new", async () => {
    const error = new Error("disk full");
    draw.mockRejectedValueOnce(error);
    await start();
    expect(onError.mock.calls).toEqual([[error]]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(draw).toHaveBeenCalledTimes(2);
  });

  test("of reading is logged, and what may have been read before it is drawn", async () => {
    await start();
    update.mockRejectedValueOnce(new Error("not readable"));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(onError).toHaveBeenCalledTimes(1);
    expect(draw).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(draw).toHaveBeenCalledTimes(2);
  });
});

describe("closing", () => {
  test("draws what is new, however soon after the last turn", async () => {
    await start();
    update.mockResolvedValueOnce(NEW_ROWS);
    await schedule.close();
    expect(draw).toHaveBeenCalledTimes(2);
  });

  test("draws nothing when nothing is new", async () => {
    await start();
    await schedule.close();
    expect(draw).toHaveBeenCalledTimes(1);
  });

  test("waits for the drawing in progress", async () => {
    const endDrawing = longDrawing();
    await start();
    update.mockResolvedValueOnce(NEW_ROWS);
    const closing = schedule.close();
    await vi.advanceTimersByTimeAsync(0);
    expect(draw).toHaveBeenCalledTimes(1);
    endDrawing();
    await closing;
    expect(draw).toHaveBeenCalledTimes(2);
  });

  test("reads a long log to its end before it draws", async () => {
    await start();
    update.mockResolvedValueOnce(MORE_TO_READ).mockResolvedValueOnce(MORE_TO_READ).mockResolvedValueOnce(NEW_ROWS);
    await schedule.close();
    expect(update).toHaveBeenCalledTimes(4);
    expect(draw).toHaveBeenCalledTimes(2);
  });

  test("reads on for no more than five seconds", async () => {
    await start();
    update.mockImplementation(async () => {
      await vi.advanceTimersByTimeAsync(2_000);
      return MORE_TO_READ;
    });
    await schedule.close();
    expect(update).toHaveBeenCalledTimes(4);
    expect(draw).toHaveBeenCalledTimes(2);
  });

  test("is the end: no notice and no poll is followed by a turn", async () => {
    await start();
    await Promise.all([schedule.close(), schedule.close()]);
    schedule.notice();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(update).toHaveBeenCalledTimes(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("reports a failure and does not reject", async () => {
    await start();
    update.mockRejectedValueOnce(new Error("not readable"));
    await schedule.close();
    expect(onError).toHaveBeenCalledTimes(1);
  });
});

describe("several pictures", () => {
  const [first, second, third] = [vi.fn<() => Promise<void>>(), vi.fn<() => Promise<void>>(), vi.fn<() => Promise<void>>()];
  let drawn: string[];

  beforeEach(() => {
    drawn = [];
    first.mockReset().mockImplementation(async () => void drawn.push("first"));
    second.mockReset().mockImplementation(async () => void drawn.push("second"));
    third.mockReset().mockImplementation(async () => void drawn.push("third"));
    schedule = new RedrawSchedule({ update, pictures: [first, second, third], share: 0.04, onError, clock });
  });

  test("are drawn one a turn, without a notice, and then no more while nothing is new", async () => {
    await start();
    expect(drawn).toEqual(["first"]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(drawn).toEqual(["first", "second"]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(drawn).toEqual(["first", "second", "third"]);
  });

  test("take turns while rows come", async () => {
    update.mockResolvedValue(NEW_ROWS);
    await start();
    for (let turns = 0; turns < 5; turns += 1) {
      schedule.notice();
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(drawn).toEqual(["first", "second", "third", "first", "second", "third"]);
  });

  test("take their share of the time: 24 times what the last one took is the rest at four hundredths", async () => {
    first.mockImplementationOnce(async () => void (await vi.advanceTimersByTimeAsync(100)));
    await start();
    await vi.advanceTimersByTimeAsync(24 * 100 - 1);
    expect(drawn).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(drawn).toEqual(["second"]);
  });

  test("that cannot be drawn hold up no other", async () => {
    first.mockRejectedValue(new Error("no paper"));
    await start();
    for (let turns = 0; turns < 4; turns += 1) {
      schedule.notice();
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(drawn.slice(0, 2)).toEqual(["second", "third"]);
    expect(onError).toHaveBeenCalled();
  });

  test("are all up to date after closing", async () => {
    await start();
    update.mockResolvedValueOnce(NEW_ROWS);
    await schedule.close();
    expect(drawn).toEqual(["first", "second", "third", "first"]);
  });

  test("are drawn for no more than five seconds at the end, but one in any case", async () => {
    first.mockImplementation(async () => void drawn.push("first"));
    second.mockImplementation(async () => {
      await vi.advanceTimersByTimeAsync(5_000);
      drawn.push("second");
    });
    await start();
    update.mockResolvedValueOnce(NEW_ROWS);
    await schedule.close();
    expect(drawn).toEqual(["first", "second"]);
  });
});
