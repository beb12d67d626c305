import { appendFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FileChangedError, SYSTEM_DISK } from "../log/append-file.js";
import { freshFolder } from "@streamgauge/testing/vitest";
import { TestLane, type Sent } from "../testing/test-lane.js";
import { MAX_WAITING } from "./commit-cycle.js";

const folder = freshFolder();
const LOG = "metric_log.csv";
const DONE = { kind: "done" };
const RETRY = { kind: "retry", reason: "metrics stopped before it was committed" };

function outcomes(sent: readonly Sent[]) {
  return sent.map(({ outcome }) => outcome);
}

function halves(from: number, count: number): (readonly [string, number])[] {
  return Array.from({ length: count }, (_, i) => [`${from + i}`, i] as const);
}

describe("answers", () => {
  test("come after the log and the store are committed", async () => {
    const places: string[] = [];
    const sent: Sent[] = [];
    const lane = await TestLane.open(folder, {
      failpoint: (place) => {
        places.push(place);
        expect(outcomes(sent)).toEqual([undefined, undefined]);
        const written = place === "before-write" ? "" : "a,1,1,0\n";
        expect(folder.read(LOG)).toBe(`id,y_true,y_pred,absolute_error\n${written}`);
        // Another process sees what is committed.
        expect(lane.join.state.store.state()?.log.lines).toBe(place === "after-commit" ? 1 : 0);
      },
    });
    sent.push(lane.labels(["a", 1]), lane.predictions(["a", 1]));
    lane.commit();
    expect(places).toEqual(["before-write", "after-log", "after-sync", "after-commit"]);
    expect(outcomes(sent)).toEqual([DONE, DONE]);
    await lane.join.close();
  });

  test("are reported with the duration of the commit", async () => {
    const lane = await TestLane.open(folder);
    const [labels, predictions] = [lane.labels(["a", 1]), lane.predictions(["a", 1])];
    lane.commit();
    expect(lane.commits).toEqual([{ frames: [labels.frame, predictions.frame], logged: 1, corrected: 0, alarms: [], took: 0 }]);
    await lane.join.close();
  });

  test("are the outcome of the frame", async () => {
    const lane = await TestLane.open(folder);
    const sent = lane.labels();
    lane.commit();
    expect(sent.outcome).toBe(sent.frame.outcome);
    await lane.join.close();
  });
});

describe("pace", () => {
  test.each([
    // Rows taken in, of both sides, and the pause after them, in ms.
    [2, 1],
    [100, 5],
    [600, 15],
  ])("what comes while %i rows are committed is committed %i ms later", async (rows, pause) => {
    const lane = await TestLane.open(folder);
    lane.clock.advance(100);
    lane.labels(...halves(0, rows / 2));
    lane.predictions(...halves(0, rows / 2));
    lane.clock.advance(0);
    expect(lane.commits).toHaveLength(1);
    lane.labels(["b", 1]);
    lane.predictions(["b", 1]);
    lane.clock.advance(pause - 1);
    expect(lane.commits).toHaveLength(1);
    lane.clock.advance(1);
    expect(lane.commits).toHaveLength(2);
    await lane.join.close();
  });

  test("nothing is due while nothing waits", async () => {
    const lane = await TestLane.open(folder);
    expect(lane.clock.nextIn).toBeUndefined();
    lane.labels(["a", 1]);
    lane.predictions(["a", 1]);
    lane.commit();
    // The windows of the row are stored.
    lane.clock.advance(1_000);
    expect(lane.clock.nextIn).toBeUndefined();
    await lane.join.close();
  });

  test("a commit takes no more than about 131,072 rows", async () => {
    const lane = await TestLane.open(folder);
    const sent = [0, 1, 2].map((frame) => lane.labels(...halves(frame * 65_536, 65_536)));
    for (const frame of [0, 1, 2]) lane.predictions(...halves(frame * 65_536, 65_536));
    lane.clock.advance(0);
    expect(lane.join.state.rooms.y_true.size).toBe(2);
    lane.clock.advance(30);
    expect(lane.join.state.log.lines).toBe(196_608);
    expect(outcomes(sent)).toEqual([DONE, DONE, DONE]);
    await lane.join.close();
  });

  test("a commit spills no more than about 131,072 rows", async () => {
    const lane = await TestLane.open(folder);
    const sent = [0, 1, 2].map((frame) => lane.labels(...halves(frame * 65_536, 65_536)));
    lane.clock.advance(1_000);
    expect(outcomes(sent)).toEqual([DONE, DONE, undefined]);
    lane.clock.advance(5);
    expect(outcomes(sent)).toEqual([DONE, DONE, DONE]);
    expect(lane.balance("y_true")).toEqual({ received: 196_608, pending: 196_608 });
    await lane.join.close();
  });
});

describe("waiting in memory", () => {
  test("ends after a second", async () => {
    const lane = await TestLane.open(folder);
    const sent = lane.labels(["a", 1]);
    lane.clock.advance(999);
    expect(sent.outcome).toBeUndefined();
    lane.clock.advance(1);
    expect(sent.outcome).toEqual(DONE);
    await lane.join.close();
  });

  test("goes on while others of the side meet their partners, as labels do that lead a busy model", async () => {
    const lane = await TestLane.open(folder);
    const early = lane.labels(["a", 1]);
    for (let i = 1; i <= 5; i += 1) {
      lane.labels([`${i}`, i]);
      lane.clock.advance(900);
      lane.predictions([`${i}`, i]);
      lane.commit();
    }
    expect(early.outcome).toBeUndefined();
    expect(lane.balance("y_true")).toEqual({ received: 5, logged: 5 });
    lane.predictions(["a", 1]);
    lane.commit();
    expect(early.outcome).toEqual(DONE);
    expect(lane.balance("y_true")).toEqual({ received: 6, logged: 6 });
    await lane.join.close();
  });

  test("ends after ten seconds even then", async () => {
    const lane = await TestLane.open(folder);
    const never = lane.labels(["a", 1]);
    for (let i = 1; i <= 11; i += 1) {
      expect(never.outcome).toBeUndefined();
      lane.labels([`${i}`, i]);
      lane.predictions([`${i}`, i]);
      lane.clock.advance(910);
    }
    expect(never.outcome).toEqual(DONE);
    expect(lane.balance("y_true")).toMatchObject({ pending: 1 });
    await lane.join.close();
  });

  test("ends for the oldest if there are too many", async () => {
    const lane = await TestLane.open(folder);
    const sent = Array.from({ length: MAX_WAITING.frames + 2 }, (_, i) => lane.labels([`${i}`, i]));
    lane.commit();
    expect(outcomes(sent.slice(0, 3))).toEqual([DONE, DONE, undefined]);
    expect(lane.join.state.rooms.y_true.size).toBe(MAX_WAITING.frames);
    await lane.join.close();
  });

  test("ends at once if the clock is set back", async () => {
    const lane = await TestLane.open(folder);
    const sent = lane.labels(["a", 1]);
    lane.commit();
    lane.clock.setBack(3_600_000);
    lane.labels(["b", 1]);
    lane.commit();
    expect(sent.outcome).toEqual(DONE);
    await lane.join.close();
  });
});

describe("waiting in the store", () => {
  test("is never shorter than two seconds, so that copies in memory still meet it", async () => {
    const lane = await TestLane.open(folder, { retentionMs: 1 });
    lane.labels(["a", 1]);
    lane.clock.advance(1_999);
    expect(lane.balance("y_true")).toEqual({ received: 1, pending: 1 });
    lane.clock.advance(10);
    expect(lane.balance("y_true")).toEqual({ received: 1, unmatched: 1 });
    expect(folder.read("unmatched.csv")).toContain("within 2000 ms");
    await lane.join.close();
  });

  test("goes on for weeks", async () => {
    const lane = await TestLane.open(folder, { retentionMs: 60 * 24 * 3_600_000 });
    lane.labels(["a", 1]);
    lane.clock.advance(59 * 24 * 3_600_000);
    expect(lane.balance("y_true")).toEqual({ received: 1, pending: 1 });
    lane.clock.advance(25 * 3_600_000);
    expect(lane.balance("y_true")).toEqual({ received: 1, unmatched: 1 });
    await lane.join.close();
  });
});

describe("a fault", () => {
  const failing = (call: "write" | "sync") => ({
    ...SYSTEM_DISK,
    [call]: () => {
      throw new Error("EIO: i/o error");
    },
  });

  test.each(["write", "sync"] as const)(
    "in the disk's %s: everything is redelivered, nothing is committed, and no more frames are taken",
    async (call) => {
      await (await TestLane.open(folder)).join.close();
      const lane = await TestLane.open(folder, { disk: failing(call) });
      const waiting = lane.labels(["w", 1]);
      lane.commit();
      const sent = [lane.labels(["a", 1]), lane.predictions(["a", 1])];
      lane.commit();
      expect(outcomes([waiting, ...sent])).toEqual([RETRY, RETRY, RETRY]);
      expect(lane.faults.map(({ error }) => error.message)).toEqual(["EIO: i/o error"]);
      expect(lane.join.cycle.isRunning).toBe(false);
      expect(lane.clock.nextIn).toBeUndefined();
      expect(lane.labels(["b", 1]).outcome).toEqual(RETRY);
      expect(lane.join.state.store.state()?.log.lines).toBe(0);

      const after = await lane.reopen(folder);
      expect(after.join.state.log.lines).toBe(0);
      after.labels(["a", 1]);
      after.predictions(["a", 1]);
      after.commit();
      expect(folder.read(LOG)).toBe("id,y_true,y_pred,absolute_error\na,1,1,0\n");
      expect(after.balance("y_true")).toEqual({ received: 1, logged: 1 });
      await after.join.close();
    },
  );

  test("reports how many bytes could not be written", async () => {
    await (await TestLane.open(folder)).join.close();
    const lane = await TestLane.open(folder, { disk: failing("write") });
    lane.labels(["a", 1], ["b", 2]);
    lane.predictions(["a", 1], ["b", 2]);
    lane.commit();
    expect(lane.faults.map(({ bytes }) => bytes)).toEqual(["a,1,1,0\nb,2,2,0\n".length]);
    await lane.join.close();
  });

  test("in the middle of a commit sends back the frames of that commit and those after it", async () => {
    const lane = await TestLane.open(folder);
    // LMDB accepts no key of that size. Contracts refuse such an id.
    const sent = [lane.labels(["a", 1]), lane.labels(["x".repeat(5_000), 1]), lane.labels(["b", 1])];
    lane.spill();
    expect(outcomes(sent)).toEqual([RETRY, RETRY, RETRY]);
    expect(lane.faults).toHaveLength(1);
    const after = await lane.reopen(folder);
    expect(after.balance("y_true")).toEqual({});
    expect(after.join.state.store.count("y_true")).toBe(0);
    await after.join.close();
  });

  test.each(["before-write", "after-sync"])("at %s: a restart finds no part of the commit", async (place) => {
    const lane = await TestLane.open(folder, {
      failpoint: (passed) => {
        if (passed === place) throw new Error("killed");
      },
    });
    lane.labels(["a", 1], ["b", 2], ["a", 2]);
    lane.predictions(["a", 1]);
    lane.spill();
    const after = await lane.reopen(folder);
    expect(folder.read(LOG)).toBe("id,y_true,y_pred,absolute_error\n");
    expect(folder.read("conflicts.csv")).toBe("id,field,kept,refused,model,received_at\n");
    expect(after.balance("y_true")).toEqual({});
    expect(after.join.state.store.count("y_true")).toBe(0);
    await after.join.close();
  });

  test("after the commit: a restart finds all of it, and redelivered rows are duplicates", async () => {
    const lane = await TestLane.open(folder, {
      failpoint: (place) => {
        if (place === "after-commit") throw new Error("killed");
      },
    });
    const sent = [lane.labels(["a", 1]), lane.predictions(["a", 1])];
    lane.commit();
    expect(outcomes(sent)).toEqual([RETRY, RETRY]);
    const after = await lane.reopen(folder);
    expect(after.balance("y_true")).toEqual({ received: 1, logged: 1 });
    after.labels(["a", 1]);
    after.predictions(["a", 1]);
    after.commit();
    expect(folder.read(LOG)).toBe("id,y_true,y_pred,absolute_error\na,1,1,0\n");
    expect(after.balance("y_true")).toEqual({ received: 2, logged: 1, duplicates: 1 });
    await after.join.close();
  });
});

describe("files that were changed from outside", () => {
  async function faultAfter(touch: (lane: TestLane) => void): Promise<unknown> {
    const lane = await TestLane.open(folder);
    lane.labels(["a", 1]);
    lane.predictions(["a", 1]);
    lane.spill();
    touch(lane);
    const sent = [lane.labels(["b", 1]), lane.predictions(["b", 1])];
    lane.commit();
    expect(outcomes(sent)).toEqual([RETRY, RETRY]);
    await lane.join.close();
    return lane.faults[0]?.error;
  }

  test.each([
    ["the log is deleted", ({ paths }: TestLane) => rmSync(paths.log)],
    ["the log grows", ({ paths }: TestLane) => appendFileSync(paths.log, "x")],
    ["the log shrinks", ({ paths }: TestLane) => truncateSync(paths.log, 35)],
    ["the state is deleted", ({ paths }: TestLane) => rmSync(paths.state, { recursive: true })],
    ["the state is cut short", ({ paths }: TestLane) => truncateSync(join(paths.state, "data.mdb"), 4_096)],
    ["everything is deleted", ({ paths }: TestLane) => rmSync(join(paths.log, ".."), { recursive: true })],
  ])("%s: it is noticed before any message is answered", async (_, touch) => {
    expect(await faultAfter(touch)).toBeInstanceOf(FileChangedError);
  });

  test("a conflict is not written to a deleted file", async () => {
    const lane = await TestLane.open(folder);
    lane.labels(["a", 1]);
    lane.predictions(["a", 1]);
    lane.commit();
    rmSync(lane.paths.conflicts);
    const sent = lane.labels(["a", 2]);
    lane.spill();
    expect(sent.outcome).toEqual(RETRY);
    expect(lane.faults[0]?.error).toBeInstanceOf(FileChangedError);
    await lane.join.close();
  });
});

test("closing sends unanswered messages back", async () => {
  const lane = await TestLane.open(folder);
  const sent = [lane.labels(["a", 1]), lane.labels(["b", 1])];
  lane.commit();
  const unseen = lane.labels(["c", 1]);
  await lane.join.close();
  expect(outcomes([...sent, unseen])).toEqual([RETRY, RETRY, RETRY]);
  expect(lane.clock.nextIn).toBeUndefined();
});

test("the generations of the index are committed when a new one begins", async () => {
  const lane = await TestLane.open(folder, { generationIds: 3 });
  const { store } = lane.join.state;
  expect(store.generations().map(({ offset, lines }) => [offset, lines])).toEqual([[32, 0]]);
  lane.labels(["a", 1], ["b", 2], ["c", 3], ["d", 4]);
  lane.predictions(["a", 2], ["b", 2], ["c", 3], ["d", 9]);
  lane.commit();
  expect(store.generations().map(({ offset, lines, statistics }) => [offset, lines, statistics.moments.absolute])).toEqual([
    [32, 0, 0],
    [56, 3, 1],
  ]);
  expect(statSync(lane.paths.log).size).toBe(64);
  await lane.join.close();
});
