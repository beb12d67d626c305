import { expect, test } from "vitest";
import { laneArgument } from "./lane-argument.js";

test("a lane of a command is checked as one of the settings", () => {
  expect(laneArgument("challenger")).toBe("challenger");
  expect(() => laneArgument("2of4")).toThrow("It must not name a lane 2of4: partitions are named so.");
  expect(() => laneArgument("../x")).toThrow(
    "It must name lanes with a small letter and up to 31 more, digits or hyphens, such as challenger.",
  );
});
