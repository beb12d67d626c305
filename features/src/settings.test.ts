import { COMMON_SETTINGS, readConfig } from "@streamgauge/core";
import { expect, test } from "vitest";
import { featuresSettings } from "./settings.js";
import { SETTINGS } from "./start.js";

const settings = (env: NodeJS.ProcessEnv) => featuresSettings(readConfig(COMMON_SETTINGS, env, SETTINGS));

test("a dataset has no times if nothing is set", () => {
  expect(settings({})).toMatchObject({ timeColumn: "", timeZone: "UTC", timeSpeed: 0 });
});

test("a dataset is replayed at the speed of its times", () => {
  expect(settings({ TIME_COLUMN: "when", TIME_ZONE: "Europe/Berlin", TIME_SPEED: "3600" })).toMatchObject({
    timeColumn: "when",
    timeZone: "Europe/Berlin",
    timeSpeed: 3_600,
  });
});

test("a speed without times is a mistake", () => {
  expect(() => settings({ TIME_SPEED: "60" })).toThrow(
    "TIME_SPEED needs TIME_COLUMN: name the column of the dataset that says when each row happened.",
  );
});
