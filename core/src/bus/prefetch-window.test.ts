import { expect, test } from "vitest";
import { PrefetchWindow } from "./prefetch-window.js";

function afterMessages(most: number, count: number, bytes: number): PrefetchWindow {
  const window = new PrefetchWindow(most);
  for (let i = 0; i < count; i += 1) window.note(bytes);
  return window;
}

test("begins with 64 messages, or with fewer where fewer are wanted", () => {
  expect(new PrefetchWindow(1_000).current).toBe(64);
  expect(new PrefetchWindow(10).current).toBe(10);
});

test("small messages get the whole prefetch", () => {
  expect(afterMessages(1_000, 16, 200).current).toBe(1_000);
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
  expect(window.note(1024 * 1024)).toBe(false);
  expect(window.current).toBe(1_000);
});

test("follows messages that grow and shrink again", () => {
  const window = afterMessages(1_000, 100, 200);
  for (let i = 0; i < 200; i += 1) window.note(1024 * 1024);
  expect(window.current).toBeLessThan(64);
  for (let i = 0; i < 400; i += 1) window.note(200);
  expect(window.current).toBeGreaterThan(500);
});
