import { describe, expect, test } from "vitest";
import { eventTimeProblem, EventTimeText } from "./event-time-text.js";

const utc = new EventTimeText("UTC");

/** The text of an instant, for a test that is read. */
function instant(text: string, zone = "UTC"): string | undefined {
  const time = new EventTimeText(zone).read(text);
  return time === undefined ? undefined : new Date(time).toISOString();
}

describe("a time with an offset is that instant, whatever the zone", () => {
  test.each([
    ["2025-10-09T08:53:20Z", "2025-10-09T08:53:20.000Z"],
    ["2025-10-09t08:53:20z", "2025-10-09T08:53:20.000Z"],
    ["2025-10-09 08:53:20Z", "2025-10-09T08:53:20.000Z"],
    ["2025-10-09 08:53:20 UTC", "2025-10-09T08:53:20.000Z"],
    ["2025-10-09T08:53Z", "2025-10-09T08:53:00.000Z"],
    ["2025-10-09T08:53:20+02:00", "2025-10-09T06:53:20.000Z"],
    ["2025-10-09T08:53:20-09:30", "2025-10-09T18:23:20.000Z"],
    ["2025-10-09 08:53:20 +0545", "2025-10-09T03:08:20.000Z"],
    ["2025-10-09 08:53:20+00", "2025-10-09T08:53:20.000Z"],
    ["2025-10-09T08:53:20-00:00", "2025-10-09T08:53:20.000Z"],
    ["2025-01-01T00:30:00+14:00", "2024-12-31T10:30:00.000Z"],
    ["2025-10-09T08:53:20.1Z", "2025-10-09T08:53:20.100Z"],
    ["2025-10-09T08:53:20.123999999Z", "2025-10-09T08:53:20.123Z"],
    ["1969-12-31T23:59:59.0005Z", "1969-12-31T23:59:59.000Z"],
    ["2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"],
    ["0050-03-01T00:00:00Z", "0050-03-01T00:00:00.000Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
    ["  2025-10-09T08:53:20Z ", "2025-10-09T08:53:20.000Z"],
  ])("%s", (text, wanted) => {
    expect([instant(text), instant(text, "Europe/Berlin")]).toEqual([wanted, wanted]);
  });
});

describe("a time without an offset is of the zone", () => {
  test.each([
    ["UTC", "2025-10-09 08:53", "2025-10-09T08:53:00.000Z"],
    ["UTC", "2025-10-09T08:53:20", "2025-10-09T08:53:20.000Z"],
    ["UTC", "2025-10-09 08:53:20.123", "2025-10-09T08:53:20.123Z"],
    ["UTC", "2025-10-09 08:53:20,5", "2025-10-09T08:53:20.500Z"],
    ["UTC", "2025-10-09", "2025-10-09T00:00:00.000Z"],
    ["Europe/Berlin", "2025-10-09 08:53", "2025-10-09T06:53:00.000Z"],
    ["Europe/Berlin", "2025-12-09 08:53", "2025-12-09T07:53:00.000Z"],
    ["America/New_York", "2025-07-04", "2025-07-04T04:00:00.000Z"],
    ["Asia/Kathmandu", "2025-10-09 08:53", "2025-10-09T03:08:00.000Z"],
    ["Australia/Lord_Howe", "2025-01-15 12:00", "2025-01-15T01:00:00.000Z"],
    ["Pacific/Apia", "2011-12-31 00:30", "2011-12-30T10:30:00.000Z"],
  ])("%s: %s", (zone, text, wanted) => {
    expect(instant(text, zone)).toBe(wanted);
  });

  test("when clocks are set forward, and the times that never come are read as if they had not been set", () => {
    const berlin = ["01:59:59.999", "02:00", "02:30", "02:59", "03:00", "03:30"].map((time) =>
      instant(`2025-03-30 ${time}`, "Europe/Berlin"),
    );
    expect(berlin).toEqual([
      "2025-03-30T00:59:59.999Z",
      "2025-03-30T01:00:00.000Z",
      "2025-03-30T01:30:00.000Z",
      "2025-03-30T01:59:00.000Z",
      "2025-03-30T01:00:00.000Z",
      "2025-03-30T01:30:00.000Z",
    ]);
  });

  test("when clocks are set back, and the times that come twice are the first of the two", () => {
    const berlin = ["01:59", "02:00", "02:59:59", "03:00"].map((time) => instant(`2025-10-26 ${time}`, "Europe/Berlin"));
    expect(berlin).toEqual([
      "2025-10-25T23:59:00.000Z",
      "2025-10-26T00:00:00.000Z",
      "2025-10-26T00:59:59.000Z",
      "2025-10-26T02:00:00.000Z",
    ]);
    // Clocks go back by half an hour there, at 02:00 to 01:30.
    const lordHowe = ["01:29", "01:45", "02:00"].map((time) => instant(`2025-04-06 ${time}`, "Australia/Lord_Howe"));
    expect(lordHowe).toEqual(["2025-04-05T14:29:00.000Z", "2025-04-05T14:45:00.000Z", "2025-04-05T15:30:00.000Z"]);
    const newYork = ["00:59", "01:30", "02:00"].map((time) => instant(`2025-11-02 ${time}`, "America/New_York"));
    expect(newYork).toEqual(["2025-11-02T04:59:00.000Z", "2025-11-02T05:30:00.000Z", "2025-11-02T07:00:00.000Z"]);
  });

  test("on every hour of two years, as the zone's own clock shows it", () => {
    for (const zone of ["Europe/Berlin", "America/St_Johns", "Australia/Adelaide", "Africa/Casablanca"]) {
      const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
      const reader = new EventTimeText(zone);
      for (let time = Date.UTC(2024, 0, 1, 0, 20); time < Date.UTC(2026, 0, 1); time += 3_600_000) {
        const local = clock.format(time);
        const read = reader.read(local) ?? Number.NaN;
        expect(clock.format(read)).toBe(local);
        // Other instants that the clock shows alike are the second of two.
        expect([0, -3_600_000]).toContain(read - time);
      }
    }
  });
});

describe("a number is of seconds or of ms since 1970, by its size", () => {
  test.each([
    ["1760000000", "2025-10-09T08:53:20.000Z"],
    ["1760000000.123", "2025-10-09T08:53:20.123Z"],
    ["1760000000.9999", "2025-10-09T08:53:20.999Z"],
    ["1.76e9", "2025-10-09T08:53:20.000Z"],
    ["1760000000123", "2025-10-09T08:53:20.123Z"],
    ["1760000000123.9", "2025-10-09T08:53:20.123Z"],
    ["0", "1970-01-01T00:00:00.000Z"],
    ["-1.5", "1969-12-31T23:59:58.500Z"],
    ["-1760000000123", "1914-03-25T15:06:39.877Z"],
    ["99999999999", "5138-11-16T09:46:39.000Z"],
    ["100000000000", "1973-03-03T09:46:40.000Z"],
    ["99999999999999", "5138-11-16T09:46:39.999Z"],
  ])("%s", (text, wanted) => {
    expect(instant(text, "Europe/Berlin")).toBe(wanted);
  });
});

describe("what is no time is said with what to write", () => {
  const EXAMPLES = "2025-10-09T08:53:20Z, or 2025-10-09 08:53 in TIME_ZONE, or seconds or ms since 1970";

  test.each([
    ["", "the time is missing"],
    ["  ", "the time is missing"],
    ["NaT", 'the time is missing, got "NaT"'],
    ["n/a", 'the time is missing, got "n/a"'],
    ["10/03/2004", `not a time, got "10/03/2004": write ${EXAMPLES}`],
    ["2025-10-9 08:53", `not a time, got "2025-10-9 08:53": write ${EXAMPLES}`],
    ["08:53", `not a time, got "08:53": write ${EXAMPLES}`],
    ["2025-02-29", 'there is no such date or time, got "2025-02-29"'],
    ["2025-13-01 00:00", 'there is no such date or time, got "2025-13-01 00:00"'],
    ["2025-10-09 24:00", 'there is no such date or time, got "2025-10-09 24:00"'],
    ["2025-10-09T08:60:00Z", 'there is no such date or time, got "2025-10-09T08:60:00Z"'],
    ["2025-10-09T08:00:61Z", 'there is no such date or time, got "2025-10-09T08:00:61Z"'],
    ["2025-10-09T08:00:00+25:00", 'there is no such date or time, got "2025-10-09T08:00:00+25:00"'],
    ["20110131", 'not a time, got "20110131": write 2011-01-31'],
    ["1760000000123456", 'not a time, got "1760000000123456": write seconds or ms since 1970'],
    ["Infinity", `not a time, got "Infinity": write ${EXAMPLES}`],
  ])("%s", (text, problem) => {
    expect([utc.read(text), eventTimeProblem(text)]).toEqual([undefined, problem]);
  });
});

test("a zone that does not exist is refused", () => {
  expect(() => new EventTimeText("Europe/Atlantis")).toThrow(RangeError);
});
