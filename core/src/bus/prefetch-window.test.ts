import { expect, test } from "vitest";
import { PrefetchWindow } from "./prefetch-window.js";

function afterMessages(most: number, count: number, bytes: number): PrefetchWindow {
  const window = new PrefetchWindow(most);
  follow(window, count, bytes);
  return window;
}

/** Changes as soon as it is wanted. */
function follow(window: PrefetchWindow, count: number, bytes: number): void {
  for (let i = 0; i < count; i += 1) {
    window.note(bytes, false);
    if (window.wanted !== window.current) window.change();
  }
}

test("begins with one message, and goes on with 64, or with fewer if fewer are wanted", () => {
  expect(new PrefetchWindow(1_000).current).toBe(1);
  expect(afterMessages(1_000, 1, 200).current).toBe(64);
  expect(afterMessages(10, 1, 200).current).toBe(10);
});

test("of eight and fewer is given at once", () => {
  expect(new PrefetchWindow(8).current).toBe(8);
  expect(new PrefetchWindow(1).current).toBe(1);
});

test("doubles with messages that may be what kills their readers, each time four times as many as were in flight are through", () => {
  const window = new PrefetchWindow(1_000);
  const sizes: number[] = [];
  for (let i = 0; i < 2_200; i += 1) {
    window.note(200, true);
    if (window.wanted === window.current) continue;
    window.change();
    sizes.push(i + 1, window.current);
  }
  expect(sizes).toEqual([5, 2, 14, 4, 31, 8, 64, 16, 129, 32, 258, 64, 515, 128, 1028, 256, 2053, 512]);
});

test("goes on with 64 after the first message that did not come back often", () => {
  const window = new PrefetchWindow(1_000);
  window.note(200, true);
  expect(window.wanted).toBe(1);
  window.note(200, false);
  expect(window.wanted).toBe(64);
});

test("of suspicious messages is no larger than 32 MiB hold", () => {
  const window = new PrefetchWindow(1_000);
  for (let i = 0; i < 200; i += 1) {
    window.note(1024 * 1024, true);
    if (window.wanted !== window.current) window.change();
  }
  expect(window.current).toBe(32);
});

test("does not shrink for one that comes later: those in flight are beside it already", () => {
  const window = afterMessages(1_000, 100, 200);
  window.note(200, true);
  expect(window.wanted).toBe(1_000);
});

test("small messages get the whole prefetch", () => {
  expect(afterMessages(1_000, 17, 200).current).toBe(1_000);
});

test("large messages get as many as 32 MiB hold", () => {
  expect(afterMessages(1_000, 100, 1024 * 1024).current).toBe(32);
});

test("even the largest are fetched eight ahead", () => {
  expect(afterMessages(1_000, 100, 15 * 1024 * 1024).current).toBe(8);
});

test("a prefetch that is wanted small stays as it is", () => {
  expect(afterMessages(1, 100, 10).current).toBe(1);
  expect(afterMessages(5, 100, 10).current).toBe(5);
});

test("a few messages of another size change nothing", () => {
  const window = afterMessages(1_000, 100, 200);
  window.note(1024 * 1024, false);
  expect(window.wanted).toBe(1_000);
});

test("stays as it is until it is changed, and is thought over after some messages more", () => {
  const window = afterMessages(1_000, 1, 200);
  for (let i = 0; i < 16; i += 1) window.note(200, false);
  expect(window).toMatchObject({ current: 64, wanted: 1_000 });
  window.change();
  expect(window).toMatchObject({ current: 1_000, wanted: 1_000 });
  window.note(100 * 1024 * 1024, false);
  expect(window.wanted).toBe(1_000);
});

test("follows messages that grow and shrink again", () => {
  const window = afterMessages(1_000, 100, 200);
  follow(window, 200, 1024 * 1024);
  expect(window.current).toBeLessThan(64);
  follow(window, 400, 200);
  expect(window.current).toBeGreaterThan(500);
});
