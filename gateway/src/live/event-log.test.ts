import { expect, test } from "vitest";
import { EventLog } from "./event-log.js";

/** The kinds and data of the events in a text. */
function read(text: string): [event: string, data: string][] {
  return [...text.matchAll(/event: (\S+)\ndata: (.*)\n\n/g)].map(([, event = "", data = ""]) => [event, data]);
}

function idsIn(text: string): string[] {
  return [...text.matchAll(/^id: (\S+)$/gm)].map(([, id = ""]) => id);
}

function after(log: EventLog, from: number | undefined) {
  const { n, bytes } = log.after(from);
  return { n, text: bytes.toString() };
}

test("a reader gets all events after the last one that it has, at once", () => {
  const log = new EventLog();
  log.put("headline", "1");
  log.put("rows", "2");
  log.put("headline", "3");
  const { n, text } = after(log, 1);
  expect([n, read(text)]).toEqual([
    3,
    [
      ["rows", "2"],
      ["headline", "3"],
    ],
  ]);
  expect(after(log, 3)).toEqual({ n: 3, text: "" });
  expect(read(after(log, 2).text)).toEqual([["headline", "3"]]);
  log.put("rows", "4");
  expect(read(after(log, 3).text)).toEqual([["rows", "4"]]);
});

test("a new reader gets every topic as it is now, under the id of the last event", () => {
  const log = new EventLog();
  log.put("headline", "1");
  log.put("windows", '["new"]', () => '["old","new"]');
  log.put("headline", "2");
  const { n, text } = after(log, undefined);
  expect([n, read(text)]).toEqual([
    3,
    [
      ["windows", '["old","new"]'],
      ["headline", "2"],
    ],
  ]);
  expect(idsIn(text).map((id) => log.numberOf(id))).toEqual([3, 3]);
});

test("an id of another log, of the future or of nothing is not known", () => {
  const [log, other] = [new EventLog(), new EventLog()];
  log.put("rows", "1");
  other.put("rows", "1");
  const [id = ""] = idsIn(after(log, undefined).text);
  expect(log.numberOf(id)).toBe(1);
  expect([other.numberOf(id), log.numberOf(id.replace(/\d+$/, "2")), log.numberOf(""), log.numberOf("1")]).toEqual(
    Array(4).fill(undefined),
  );
});

test("a reader that missed more than is kept gets everything anew", () => {
  const log = new EventLog();
  for (let i = 1; i <= 300; i += 1) log.put("rows", String(i));
  expect(read(after(log, 100).text)).toEqual(Array.from({ length: 200 }, (_, i) => ["rows", String(101 + i)]));
  expect(read(after(log, 99).text)).toEqual([["rows", "300"]]);
});

test("events that are too large to keep are not kept", () => {
  const log = new EventLog();
  log.put("summary", "small");
  log.put("windows", "x".repeat(1_100_000), () => "whole");
  const { n, text } = after(log, 1);
  expect([n, read(text)]).toEqual([
    2,
    [
      ["windows", "whole"],
      ["summary", "small"],
    ],
  ]);
});
