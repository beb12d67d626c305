import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { freshFolder } from "@streamgauge/testing/vitest";
import { expect, test } from "vitest";
import { replaceFile, replaceSharedFile } from "./durable-file.js";

const folder = freshFolder();

test("a file and its folder are made, and replaced as a whole", () => {
  replaceFile(folder.at("made/here.json"), "one");
  replaceFile(folder.at("made/here.json"), "two", () => expect(readFileSync(folder.at("made/here.json"), "utf8")).toBe("one"));
  expect(readFileSync(folder.at("made/here.json"), "utf8")).toBe("two");
});

test("of several that replace a shared file at once the last one stays, and none fails", () => {
  const path = folder.at("shared.json");
  replaceSharedFile(path, "last", () => replaceSharedFile(path, "first", () => replaceSharedFile(path, "before")));
  expect(readFileSync(path, "utf8")).toBe("last");
  expect(readdirSync(folder.path)).toEqual(["shared.json"]);
});

test("what cannot take its place is not left beside it", () => {
  mkdirSync(folder.at("taken/within"), { recursive: true });
  expect(() => replaceSharedFile(folder.at("taken"), "content")).toThrow(/taken/);
  expect(readdirSync(folder.path)).toEqual(["taken"]);
});
