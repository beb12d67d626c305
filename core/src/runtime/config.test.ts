import { describe, expect, test } from "vitest";
import { ConfigError, flag, nameList, oneOf, readConfig, realNumber, text, timeZone, wholeNumber } from "./config.js";
import { COMMON_SETTINGS } from "./settings.js";

const TABLE = {
  NAME: text("a name", "nobody"),
  ROWS: wholeNumber("rows", 1, 1, 100),
  PACE: realNumber("pace", 0.5, 0, 1e9),
  FORMAT: oneOf("format", "json", ["json", "arrow"]),
  AGAIN: flag("again"),
};

/** The mistakes, one string each. */
function problemsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig(TABLE, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("The configuration", () => {
  test("has a default for each setting, also if a variable is empty or blank", () => {
    const defaults = { NAME: "nobody", ROWS: 1, PACE: 0.5, FORMAT: "json", AGAIN: false };
    expect(readConfig(TABLE, {})).toEqual(defaults);
    expect(readConfig(TABLE, { NAME: "", ROWS: "  ", PACE: "", FORMAT: "", AGAIN: "" })).toEqual(defaults);
  });

  test("takes what the environment says, without the blanks around it", () => {
    const env = { NAME: " me ", ROWS: "100", PACE: "1.5e3", FORMAT: "arrow", AGAIN: "1", OTHER: "x" };
    expect(readConfig(TABLE, env)).toEqual({ NAME: "me", ROWS: 100, PACE: 1500, FORMAT: "arrow", AGAIN: true });
  });

  test("keeps the password of a URL to itself", () => {
    expect(problemsOf({ FORMAT: "amqp//user:sec/ret@host:5672" })).toEqual([
      'FORMAT must be one of json, arrow (it is "amqp//user:…@host:5672").',
    ]);
  });

  test("names all mistakes in one message", () => {
    const env = { ROWS: "1.5", PACE: "fast", FORMAT: "csv", AGAIN: "yes" };
    expect(() => readConfig(TABLE, env)).toThrow(
      new ConfigError([
        'ROWS must be a whole number from 1 to 100 (it is "1.5").',
        'PACE must be a number from 0 to 1000000000 (it is "fast").',
        'FORMAT must be one of json, arrow (it is "csv").',
        'AGAIN must be 0 or 1 (it is "yes").',
      ]),
    );
    expect(() => readConfig(TABLE, env)).toThrow(
      /^The configuration has 4 mistakes:\n {2}- ROWS .*\n {2}- PACE .*\n {2}- FORMAT .*\n {2}- AGAIN .*$/,
    );
    expect(() => readConfig(TABLE, { ROWS: "0" })).toThrow(/^The configuration has a mistake:\n/);
  });

  test.each(["0", "101", "1e400", "NaN", "Infinity", "0x10", "1_000", "1,5", "--1", "ten", "1.5"])(
    "takes no whole number from %s",
    (ROWS) => {
      expect(problemsOf({ ROWS })).toEqual([`ROWS must be a whole number from 1 to 100 (it is "${ROWS}").`]);
    },
  );

  test("takes a time zone that there is", () => {
    const zone = { ZONE: timeZone("a zone", "UTC") };
    expect([readConfig(zone, {}), readConfig(zone, { ZONE: "Europe/Berlin" })]).toEqual([{ ZONE: "UTC" }, { ZONE: "Europe/Berlin" }]);
    expect(() => readConfig(zone, { ZONE: "Europe/Atlantis" })).toThrow(
      'ZONE must be a time zone of the IANA database, such as UTC or Europe/Berlin (it is "Europe/Atlantis").',
    );
  });

  test.each([
    ["", []],
    ["a", ["a"]],
    [" a, b ,c d", ["a", "b", "c d"]],
    ['["a, b", "c"]', ["a, b", "c"]],
  ])("takes names from %j", (given, names) => {
    expect(nameList("names").parse(given)).toEqual(names);
  });

  test.each(["a,,b", "a,a", '["a", 1]', '["a"', '{"a": 1}'.replace("{", "[")])("takes no names from %j", (given) => {
    expect(() => nameList("names").parse(given)).toThrow("must be different names separated by commas, or a JSON array");
  });

  test.each(["localhost", "http://localhost", "amqp//localhost", "5672"])("takes no broker at %s", (AMQP_URL) => {
    expect(() => readConfig(COMMON_SETTINGS, { AMQP_URL })).toThrow(/AMQP_URL must be a URL like amqp:\/\/user:password@host:5672/);
  });

  test("of two tables has the values and the mistakes of both", () => {
    const more = { SPEED: wholeNumber("speed", 5, 1, 10) };
    expect(readConfig(TABLE, {}, more).SPEED).toBe(5);
    expect(() => readConfig(TABLE, { ROWS: "0", SPEED: "11" }, more)).toThrow(/2 mistakes:\n  - ROWS .*\n  - SPEED /);
  });

  test("takes brokers with and without TLS", () => {
    for (const AMQP_URL of ["amqp://localhost", "amqps://user:p%40ss@host:5671/vhost"]) {
      expect(readConfig(COMMON_SETTINGS, { AMQP_URL }).AMQP_URL).toBe(AMQP_URL);
    }
  });

  test("takes the addresses of a cluster, and names a bad one without the password", () => {
    const AMQP_URL = "amqp://user:secret@a:5672,b:5672,c/v";
    expect(readConfig(COMMON_SETTINGS, { AMQP_URL }).AMQP_URL).toBe(AMQP_URL);
    const problem = 'AMQP_URL must have addresses like host:5672, separated by commas; number 2 is "b:x" (it is "amqp:…@a:5672,b:x,c/v").';
    expect(() => readConfig(COMMON_SETTINGS, { AMQP_URL: "amqp://user:secret@a:5672,b:x,c/v" })).toThrow(new ConfigError([problem]));
  });
});
