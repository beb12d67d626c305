import { describe, expect, test } from "vitest";
import { lanes, lanesOf, modelOfLane } from "./lanes.js";

const parse = (text: string) => lanes("").parse(text);

describe("LANES", () => {
  test("names lanes and their models", () => {
    const LANES = parse("champion=a.onnx, challenger=http://host:8000/v2/models/b?x=1");
    expect(LANES).toEqual([
      { name: "champion", model: "a.onnx" },
      { name: "challenger", model: "http://host:8000/v2/models/b?x=1" },
    ]);
    expect(modelOfLane({ LANES }, "challenger")).toBe("http://host:8000/v2/models/b?x=1");
    expect(modelOfLane({ LANES }, "other")).toBe("");
  });

  test("leaves the champion's model to the other settings", () => {
    expect(parse("champion,next=b.onnx")[0]).toEqual({ name: "champion", model: "" });
    expect(parse("")).toEqual([]);
  });

  test.each([
    ["challenger=b.onnx", "must name the lane champion, as champion=path.onnx"],
    ["champion,challenger", "must name the model of the lane challenger, as challenger=path.onnx"],
    ["champion,champion=a.onnx", "must name each lane once"],
    ["champion,../x=b.onnx", "must name lanes with a small letter and up to 31 more, digits or hyphens, such as challenger"],
    ["champion,2of=b.onnx", "must name lanes with a small letter and up to 31 more, digits or hyphens, such as challenger"],
    ["champion,2of4=b.onnx", "must not name a lane 2of4: partitions are named so"],
    [`champion,${Array.from({ length: 8 }, (_, i) => `l${i}=a`).join(",")}`, "must name at most 8 lanes"],
  ])("%s is refused", (given, complaint) => {
    expect(() => parse(given)).toThrow(complaint);
  });

  test("of a process are the champion, those of LANES, and its own", () => {
    expect(lanesOf({ LANE: "next", LANES: [] })).toEqual(["champion", "next"]);
    expect(lanesOf({ LANE: "champion", LANES: parse("champion,next=b.onnx") })).toEqual(["champion", "next"]);
  });
});
