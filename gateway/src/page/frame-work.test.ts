import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FrameWork } from "./frame-work.js";

let frames: (() => void)[] = [];
let now = 0;

beforeEach(() => {
  frames = [];
  now = 0;
  vi.stubGlobal("requestAnimationFrame", (frame: () => void) => frames.push(frame));
  vi.spyOn(performance, "now").mockImplementation(() => now);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** Plays one frame. */
function play(): void {
  frames.shift()?.();
}

test("what takes long is spread over frames, in the order in which it was asked for", () => {
  const work = new FrameWork();
  const done: string[] = [];
  for (const name of ["a", "b", "c"])
    work.ask(name, () => {
      done.push(name);
      now += 5;
    });
  expect(frames).toHaveLength(1);
  play();
  expect(done).toEqual(["a", "b"]);
  play();
  expect(done).toEqual(["a", "b", "c"]);
  expect(frames).toHaveLength(0);
});

test("of what is asked for twice only the latest is done", () => {
  const work = new FrameWork();
  const done: string[] = [];
  for (const text of ["old", "new"]) work.ask("name", () => done.push(text));
  play();
  expect(done).toEqual(["new"]);
});

test("work that asks for more gets it done in the same frame while there is time", () => {
  const work = new FrameWork();
  const done: string[] = [];
  work.ask("first", () => {
    work.ask("second", () => done.push("second"));
    done.push("first");
  });
  play();
  expect(done).toEqual(["first", "second"]);
  play();
  expect(done).toEqual(["first", "second"]);
  expect(frames).toHaveLength(0);
});
