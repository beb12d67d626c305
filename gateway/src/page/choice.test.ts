import { readTimeBound } from "@streamgauge/core/windows";
import { expect, test } from "vitest";
import { eventsPath, readChoice, readTime, windowsPath, writeChoice } from "./choice.js";

test("without a query it is the last hour of the champion, minute by minute", () => {
  expect(readChoice("")).toEqual({ lane: "champion", size: "1m", last: 60, from: "", to: "", metric: "mae", model: "" });
});

test.each([
  "?lane=challenger&size=1h&last=168&metric=bias",
  "?lane=champion&size=1d&last=90&metric=rmse&model=m%401",
  "?lane=champion&size=1h&from=2026-11-28T09%3A00&to=2026-11-28T12%3A00&metric=p95",
])("the URL %s is written as it was read", (search) => {
  expect(writeChoice(readChoice(search))).toBe(search);
});

test.each([
  ["?size=2h&last=0&metric=nice", "?lane=champion&size=1m&last=60&metric=mae"],
  ["?size=1h&last=9999", "?lane=champion&size=1h&last=72&metric=mae"],
  ["?from=yesterday&size=1d", "?lane=champion&size=1d&last=90&metric=mae"],
  ["?lane=", "?lane=champion&size=1m&last=60&metric=mae"],
])("what is wrong in %s is the default", (search, written) => {
  expect(writeChoice(readChoice(search))).toBe(written);
});

test.each([
  ["2026-11-28T09:00", "2026-11-28T09:00"],
  ["2026-11-28T09:00Z", "2026-11-28T09:00"],
  ["2026-11-28T09:00:00", "2026-11-28T09:00"],
  ["2026-11-28T09:00:00Z", "2026-11-28T09:00"],
  ["2026-11-28T09:00:00.000Z", "2026-11-28T09:00"],
  ["2026-11-28T09:00:30Z", "2026-11-28T09:00:30"],
  ["2026-11-28T09:00:30.5", "2026-11-28T09:00:30.500"],
  ["2026-11-28T09:00:00+02:00", "2026-11-28T07:00"],
  ["2026-11-28", "2026-11-28T00:00"],
  ["1795824000000", "2026-11-28T00:00"],
  ["2026-11-28T25:00", ""],
  ["2026-13-28", ""],
  ["28.11.2026", ""],
  ["99999999999999999", ""],
  ["253402300800000", ""],
  ["", ""],
])("the time %s of a URL is %s in UTC", (text, time) => {
  const choice = readChoice(`?from=${encodeURIComponent(text)}`);
  expect(choice.from).toBe(time);
  expect(choice.last).toBe(time === "" ? 60 : undefined);
});

test.each([
  ["?metric=p95&model=m%401", "mae"],
  ["?metric=p95&model=zzz", "mae"],
  ["?metric=bias&model=m%401", "bias"],
  ["?metric=p95", "p95"],
  ["?metric=p95&model=", "p95"],
])("of %s the figure is %s: model versions have no p95", (search, metric) => {
  expect(readChoice(search).metric).toBe(metric);
});

test("events and windows are asked in UTC", () => {
  const choice = readChoice("?size=1h&from=2026-11-28T09:00&to=2026-11-28T12:00");
  expect(eventsPath(choice)).toBe("/events?lane=champion&size=1h&from=2026-11-28T09%3A00Z&to=2026-11-28T12%3A00Z");
  expect(windowsPath(choice, Date.UTC(2026, 10, 28, 9))).toBe(
    "/windows?lane=champion&size=1h&from=2026-11-28T09%3A00%3A00.000Z&to=2026-11-28T12%3A00Z",
  );
  expect(eventsPath(readChoice(""))).toBe("/events?lane=champion&size=1m&last=60");
  expect(windowsPath(readChoice(""), null, "/windows/summary")).toBe("/windows/summary?lane=champion&size=1m");
});

test.each([
  "2026-01-05",
  "2026-01-05T10:00",
  "2026-01-05T10:00:01.5",
  "2026-01-05 10:00",
  "2026-01-05 10:00:01",
  "2026-01-05T10:00+05:30",
  "1767571200000",
  "Jan 5 2026",
  "2026-13-01",
  "1e3",
])("the page reads %s as the gateway does", (text) => {
  const time = readTime(text);
  expect(time === "" ? undefined : Date.parse(time.includes("T") ? `${time}Z` : time)).toBe(readTimeBound(text));
});
