import { LaterVersionError, NO_MOMENTS, SavedValueError } from "@streamgauge/core";
import { readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { FileChangedError } from "../log/append-file.js";
import { freshFolder } from "@streamgauge/testing/vitest";
import { arrivedHalves } from "../testing/arrived-halves.js";
import { otherProcess } from "../testing/other-process.js";
import { EMPTY_BALANCE, EMPTY_CORRECTIONS, STATE_FORMAT, type CommittedState } from "./saved-state.js";
import { StateStore, type Commit } from "./state-store.js";

const folder = freshFolder();
let opened: StateStore[] = [];

afterEach(async () => {
  await Promise.all(opened.map((store) => store.close()));
  opened = [];
});

function open(): StateStore {
  const store = StateStore.open(folder.at("state"));
  opened.push(store);
  return store;
}

/** A commit of a log with so many lines. */
function commitWith(lines: number): Commit {
  const file = { length: lines * 10, lines };
  const state: CommittedState = {
    version: STATE_FORMAT.version,
    log: file,
    unmatched: file,
    conflicts: file,
    corrections: file,
    balance: { y_true: { ...EMPTY_BALANCE, received: lines }, y_pred: EMPTY_BALANCE },
    pending: { y_true: 0, y_pred: 0 },
    correctionBalance: EMPTY_CORRECTIONS,
    waitingCorrections: 0,
    versions: [],
  };
  return { state, monitor: undefined, tail: Buffer.from(`tail ${lines}`), generations: undefined };
}

describe("a new store", () => {
  test("is empty", () => {
    const store = open();
    expect(store.state()).toBeUndefined();
    expect(store.tail()).toEqual(Buffer.alloc(0));
    expect(store.generations()).toEqual([]);
    expect(store.pending.counts).toEqual({ y_true: 0, y_pred: 0 });
    expect([store.count("y_true"), store.count("y_pred")]).toEqual([0, 0]);
  });

  test("is not created by opening it for reading", () => {
    expect(() => StateStore.openReadOnly(folder.at("nowhere"))).toThrow();
    expect(folder.names()).toEqual([]);
  });
});

describe("commits together", () => {
  const generation = { offset: 10, lines: 1, statistics: { moments: NO_MOMENTS, histogram: { cells: [], exact: [], min: 1, max: 1 } } };

  test("are one transaction, which stores what the last of them left", () => {
    const store = open();
    store.commit(() => commitWith(1));
    let meanwhile: number | undefined;
    store.together(() => {
      store.commit(() => ({ ...commitWith(2), generations: [generation] }));
      store.commit(() => commitWith(3));
      meanwhile = store.state()?.log.lines;
    });
    expect(meanwhile).toBe(1);
    expect([store.state()?.log.lines, store.tail().toString(), store.generations()]).toEqual([3, "tail 3", [generation]]);
    store.commit(() => commitWith(4));
    expect(store.state()?.log.lines).toBe(4);
  });

  test("leave the store as it was if one of them fails", () => {
    const store = open();
    store.commit(() => commitWith(1));
    expect(() =>
      store.together(() => {
        store.commit(() => commitWith(2));
        throw new Error("it failed");
      }),
    ).toThrow("it failed");
    store.commit(() => ({ ...commitWith(1), tail: Buffer.from("after") }));
    expect([store.state()?.log.lines, store.tail().toString()]).toEqual([1, "after"]);
  });
});

describe("a commit", () => {
  test("records halves and the lengths of the files, and survives a restart", async () => {
    const store = open();
    store.commit(() => {
      store.pending.put(arrivedHalves("y_pred", [["a", 1.5]], 7), [0]);
      return {
        ...commitWith(3),
        generations: [
          { offset: 32, lines: 0, statistics: { moments: NO_MOMENTS, histogram: { cells: [1000, -3, 2], exact: [], min: 1, max: 1 } } },
        ],
      };
    });
    await store.close();
    opened = [];
    const again = open();
    expect(again.state()).toEqual(commitWith(3).state);
    expect(again.tail().toString()).toBe("tail 3");
    expect(again.generations()).toEqual([
      { offset: 32, lines: 0, statistics: { moments: NO_MOMENTS, histogram: { cells: [1000, -3, 2], exact: [], min: 1, max: 1 } } },
    ]);
    expect([again.count("y_true"), again.count("y_pred")]).toEqual([0, 1]);
    again.commit(() => {
      const half = { value: 1.5, receivedAt: 7, model: "größe 1", eventTime: 7, tenth: 255, halfWidth: NaN };
      expect(again.pending.take("y_pred", arrivedHalves("y_pred", [["a", 0]]))).toEqual([{ row: 0, half }]);
      return commitWith(4);
    });
    expect(again.count("y_pred")).toBe(0);
  });

  test("without generations leaves them as they are", () => {
    const store = open();
    store.commit(() => ({
      ...commitWith(1),
      generations: [
        {
          offset: 32,
          lines: 0,
          statistics: { moments: NO_MOMENTS, histogram: { cells: [], exact: [], min: Number.NaN, max: Number.NaN } },
        },
      ],
    }));
    store.commit(() => commitWith(2));
    expect(store.generations()).toHaveLength(1);
  });

  test("is atomic: if it throws, nothing has changed", () => {
    const store = open();
    store.commit(() => {
      store.pending.put(arrivedHalves("y_true", [["a", 1]], 5), [0]);
      return commitWith(1);
    });
    const failing = () =>
      store.commit(() => {
        store.pending.put(arrivedHalves("y_pred", [["b", 2]], 3), [0]);
        expect(store.pending.expire(5, 10)).toHaveLength(2);
        expect(store.count("y_true")).toBe(0);
        throw new Error("no room");
      });
    expect(failing).toThrow("no room");
    expect(store.state()?.log.lines).toBe(1);
    expect([store.count("y_true"), store.count("y_pred")]).toEqual([1, 0]);
    expect(store.pending.oldestArrival()).toBe(5);
    // The next one succeeds.
    store.commit(() => commitWith(2));
    expect(store.state()?.log.lines).toBe(2);
  });

  test("is durable when it returns: a process killed right after it loses nothing", async () => {
    for (let lines = 1; lines <= 5; lines += 1) {
      const writer = otherProcess(`
        const root = lmdb.open({ path: ${JSON.stringify(folder.at("state"))}, noSubdir: false, overlappingSync: false, maxDbs: 8 });
        const meta = root.openDB({ name: "meta", encoding: "binary" });
        root.transactionSync(() => meta.putSync("tail", Buffer.from("tail ${lines}")));
        process.kill(process.pid, "SIGKILL");
      `);
      expect(await writer.exited).toEqual({ code: null, signal: "SIGKILL" });
      const store = StateStore.openReadOnly(folder.at("state"));
      expect(store.tail().toString()).toBe(`tail ${lines}`);
      await store.close();
    }
  });

  test("is visible to another process that has the store open", async () => {
    const store = open();
    store.commit(() => commitWith(1));
    const reader = otherProcess(`
      const root = lmdb.open({ path: ${JSON.stringify(folder.at("state"))}, noSubdir: false, readOnly: true, maxDbs: 8 });
      const meta = root.openDB({ name: "meta", encoding: "binary" });
      const look = () => console.log(JSON.parse(meta.getBinary("state")).log.lines);
      look();
      process.stdin.on("data", look);
    `);
    await reader.says(/^1$/);
    store.commit(() => commitWith(2));
    reader.child.stdin?.write("look\n");
    await reader.says(/^2$/);
    await reader.kill();
  });
});

test("overflowed sums are kept as they are", () => {
  const store = open();
  const moments = { ...NO_MOMENTS, count: 2, absolute: Infinity, squared: Infinity, signed: Number.NaN, meanTrue: -Infinity };
  const versions = [{ model: "Infinity", moments }];
  store.commit(() => ({
    ...commitWith(1),
    state: { ...commitWith(1).state, versions },
    generations: [{ offset: 32, lines: 2, statistics: { moments, histogram: { cells: [1000, -3, 2], exact: [], min: 1, max: 1 } } }],
  }));
  expect(store.generations()[0]?.statistics.moments).toEqual(moments);
  expect(store.state()?.versions).toEqual(versions);
});

test("sums that version 1 wrote as null become NaN, not 0", () => {
  const { versions: _, ...state } = commitWith(1).state;
  const versions = [{ model: "m", moments: { ...NO_MOMENTS, count: 2, absolute: null, squared: 4 } }];
  const [version] = STATE_FORMAT.read(JSON.stringify({ ...state, version: 1, versions })).versions;
  expect(version).toEqual({ model: "m", moments: { ...NO_MOMENTS, count: 2, absolute: Number.NaN, squared: 4 } });
  expect(STATE_FORMAT.read(JSON.stringify({ ...state, version: 1 })).versions).toEqual([]);
});

test("a sum that version 1 did not keep is NaN", () => {
  const { squared: _, ...moments } = { ...NO_MOMENTS, count: 2, absolute: 3 };
  const [version] = STATE_FORMAT.read(JSON.stringify({ ...commitWith(1).state, version: 1, versions: [{ model: "m", moments }] })).versions;
  expect(version?.moments).toEqual({ ...moments, squared: Number.NaN });
});

test("a state of a later version is refused", () => {
  const store = open();
  store.commit(() => ({ ...commitWith(1), state: Object.assign(commitWith(1).state, { version: STATE_FORMAT.version + 1 }) }));
  expect(() => store.state()).toThrow(LaterVersionError);
});

test("a state that lacks a field is refused", () => {
  const store = open();
  store.commit(() => ({ ...commitWith(1), state: Object.assign(commitWith(1).state, { pending: {} }) }));
  expect(() => store.state()).toThrow(SavedValueError);
});

describe("a store that was changed from outside", () => {
  const file = () => join(folder.at("state"), "data.mdb");

  test("is noticed if it was deleted, replaced or cut short", async () => {
    const store = open();
    store.commit(() => commitWith(1));
    store.assertUntouched();
    const { size } = statSync(file());
    truncateSync(file(), size - 1);
    expect(() => store.assertUntouched()).toThrow(/data\.mdb shrank from \d+ to \d+ bytes/);
    truncateSync(file(), size);
    store.assertUntouched();
    rmSync(folder.at("state"), { recursive: true });
    expect(() => store.assertUntouched()).toThrow(/data\.mdb was deleted/);
    await store.close();
    opened = [];
    open();
    expect(() => store.assertUntouched()).toThrow(/data\.mdb was replaced/);
    expect(() => store.assertUntouched()).toThrow(FileChangedError);
  });

  test("may grow", () => {
    const store = open();
    for (let i = 0; i < 3; i += 1) {
      store.commit(() => {
        const many = arrivedHalves(
          "y_true",
          Array.from({ length: 2_000 }, (_, row) => [`${i}-${row}`, row] as const),
        );
        store.pending.put(many, many.rows);
        return commitWith(i);
      });
      store.assertUntouched();
    }
    expect(readdirSync(folder.at("state")).sort()).toEqual(["data.mdb", "lock.mdb"]);
  });
});
