import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { freshFolder } from "@streamgauge/testing/vitest";
import { arrivedHalves } from "../testing/arrived-halves.js";
import { damageOf, isDamage } from "./inspect-store.js";
import { EMPTY_BALANCE, EMPTY_CORRECTIONS, STATE_FORMAT } from "./saved-state.js";
import { DATABASES, StateStore } from "./state-store.js";

const folder = freshFolder();
const PAGE = 4_096;
let sound: Buffer;

beforeEach(async () => {
  const store = StateStore.open(folder.at("state"));
  const nothing = { length: 0, lines: 0 };
  const state = {
    version: STATE_FORMAT.version,
    log: nothing,
    unmatched: nothing,
    conflicts: nothing,
    corrections: nothing,
    balance: { y_true: EMPTY_BALANCE, y_pred: EMPTY_BALANCE },
    pending: { y_true: 2_500, y_pred: 0 },
    correctionBalance: EMPTY_CORRECTIONS,
    waitingCorrections: 0,
    versions: [],
  } as const;
  for (let batch = 0; batch < 5; batch += 1) {
    store.commit(() => {
      const halves = Array.from({ length: 1_000 }, (_, i) => [`row-${batch * 1_000 + i}`, i] as const);
      const arrived = arrivedHalves("y_true", halves);
      store.pending.put(arrived, arrived.rows);
      store.pending.take("y_true", arrivedHalves("y_true", halves.slice(0, 500)));
      return { state, monitor: undefined, tail: Buffer.alloc(8_192), generations: [] };
    });
  }
  await store.close();
  sound = readFileSync(folder.at("state/data.mdb"));
});

function damaged(bytes: Buffer): string | undefined {
  rmSync(folder.at("state/lock.mdb"), { force: true });
  writeFileSync(folder.at("state/data.mdb"), bytes);
  return damageOf(folder.at("state"), DATABASES);
}

/** The sound file with some bytes overwritten. */
function overwritten(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(sound);
  bytes.copy(copy, at);
  return copy;
}

/** Where LMDB keeps things: in the header of a page, and in the two pages at the file's beginning. */
const TRANSACTION_AT = 8;
const FLAGS_AT = 18;
const LARGE_VALUE = 4;
const FREE_LIST_ROOT_AT = 88;
const META_TRANSACTION_AT = 152;

function pages(): Buffer[] {
  return Array.from({ length: sound.length / PAGE }, (_, page) => sound.subarray(page * PAGE, (page + 1) * PAGE));
}

function freeListPage(): number {
  const [one = sound, other = sound] = pages();
  const newer = one.readBigUInt64LE(META_TRANSACTION_AT) > other.readBigUInt64LE(META_TRANSACTION_AT) ? one : other;
  return Number(newer.readBigUInt64LE(FREE_LIST_ROOT_AT));
}

/** The first page of the large value that was written last. */
function largeValuePage(): number {
  const all = pages();
  const large = Array.from(all.keys()).filter((page) => page > 1 && all[page]?.readUInt16LE(FLAGS_AT) === LARGE_VALUE);
  const written = (page: number) => all[page]?.readBigUInt64LE(TRANSACTION_AT) ?? 0n;
  return large.reduce((latest, page) => (written(page) >= written(latest) ? page : latest), 0);
}

test("a sound store, an open one and a missing one have no damage, and are not changed", async () => {
  expect(damageOf(folder.at("state"), DATABASES)).toBeUndefined();
  expect(readFileSync(folder.at("state/data.mdb"))).toEqual(sound);
  expect(folder.names()).toEqual(["state"]);
  expect(damageOf(folder.at("nowhere"), DATABASES)).toBeUndefined();
  const store = StateStore.open(folder.at("state"));
  expect(damageOf(folder.at("state"), DATABASES)).toBeUndefined();
  expect(store.count("y_true")).toBe(2_500);
  expect(store.state()?.pending).toEqual({ y_true: 2_500, y_pred: 0 });
  expect(store.tail()).toEqual(Buffer.alloc(8_192));
  await store.close();
});

describe("damage is found without a crash:", () => {
  test.each([
    ["replaced by a text", () => Buffer.from("this is no database")],
    ["cut off within its first page", () => sound.subarray(0, 100)],
    ["cut off after its first page", () => sound.subarray(0, PAGE)],
    ["cut in half", () => sound.subarray(0, sound.length / 2)],
    ["its last page cut off", () => sound.subarray(0, -PAGE)],
    ["all zeros", () => Buffer.alloc(sound.length)],
    ["both heads overwritten", () => overwritten(Buffer.alloc(2 * PAGE, "x"), 0)],
    ["everything but the heads overwritten", () => overwritten(Buffer.alloc(sound.length - 2 * PAGE, "x"), 2 * PAGE)],
    ["the free list overwritten", () => overwritten(Buffer.alloc(PAGE, 0x5a), freeListPage() * PAGE)],
    ["the beginning of a large value overwritten", () => overwritten(Buffer.alloc(PAGE, 0x5a), largeValuePage() * PAGE)],
    ["everything but the heads zeroed", () => overwritten(Buffer.alloc(sound.length - 2 * PAGE), 2 * PAGE)],
  ])("%s", (_, bytes) => {
    expect(damaged(bytes())).toEqual(expect.stringMatching(/./));
  });
});

test("a lack of space or of rights is no damage", () => {
  expect(isDamage("No space left on device")).toBe(false);
  expect(isDamage("MDB_READERS_FULL: Environment maxreaders limit reached")).toBe(false);
  expect(isDamage("Permission denied: Attempting to open main database file")).toBe(false);
  expect(isDamage("MDB_INVALID: File is not an LMDB file")).toBe(true);
});
