import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { beforeEach, expect, test } from "vitest";
import { PictureNotWrittenError, removeAbandonedPictures, writePicture } from "./write-picture.js";

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, "logs", "error_distribution.png");
});

test("a picture is written into a folder that does not exist yet, and replaced", async () => {
  await writePicture(path, Buffer.from("first"));
  await writePicture(path, Buffer.from("second"));
  expect(await readFile(path, "utf8")).toBe("second");
  expect(await readdir(join(folder, "logs"))).toEqual(["error_distribution.png"]);
});

test("who reads while a picture is replaced sees the old or the new one, whole", async () => {
  const pictures = ["a", "b"].map((letter) => Buffer.alloc(1_000_000, letter));
  await writePicture(path, Buffer.alloc(1_000_000, "a"));
  const writing = (async () => {
    for (let times = 0; times < 20; times += 1) await writePicture(path, pictures[times % 2] ?? Buffer.alloc(0));
  })();
  for (let times = 0; times < 40; times += 1) {
    const seen = await readFile(path);
    expect(pictures.some((picture) => picture.equals(seen))).toBe(true);
  }
  await writing;
});

test("a picture that cannot take its place is an error that names it and leaves nothing behind", async () => {
  await mkdir(join(path, "in the way"), { recursive: true });
  const writing = writePicture(path, Buffer.from("picture"));
  await expect(writing).rejects.toThrow(PictureNotWrittenError);
  await expect(writing).rejects.toMatchObject({ path, cause: { syscall: "rename" } });
  expect(await readdir(join(folder, "logs"))).toEqual(["error_distribution.png"]);
});

test("a folder that cannot be created is an error that names the picture", async () => {
  await writeFile(join(folder, "logs"), "a file in the way");
  const writing = writePicture(path, Buffer.from("picture"));
  await expect(writing).rejects.toThrow(PictureNotWrittenError);
  await expect(writing).rejects.toMatchObject({ path, cause: { syscall: "mkdir" } });
});

test("what a killed process left behind is removed, and nothing else", async () => {
  await mkdir(join(folder, "logs"));
  const names = [".error_distribution.png.5f0c.tmp", ".error_distribution.png.77aa.tmp", ".other.png.77aa.tmp", "error_distribution.png"];
  for (const name of names) await writeFile(join(folder, "logs", name), "half");
  expect(await removeAbandonedPictures(path)).toBe(2);
  expect(await readdir(join(folder, "logs"))).toEqual([".other.png.77aa.tmp", "error_distribution.png"]);
});

test("a folder that does not exist holds nothing to remove", async () => {
  expect(await removeAbandonedPictures(path)).toBe(0);
});
