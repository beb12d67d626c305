import { describe, expect, it } from "vitest";
import { featureNames } from "./feature-names.js";

const written = (text: string) => new Map([["streamgauge.features", text]]);
const silent = new Map<string, string>();

describe("featureNames", () => {
  it("takes the names of the file, or of the configuration where the file has none", () => {
    expect(featureNames("m.onnx", written('["a","b"]'), undefined, 2)).toEqual(["a", "b"]);
    expect(featureNames("m.onnx", written('["a","b"]'), ["a", "b"], undefined)).toEqual(["a", "b"]);
    expect(featureNames("m.onnx", silent, ["a", "b"], 2)).toEqual(["a", "b"]);
  });

  it.each([
    [written('["a","b"]'), ["b", "a"], 2, "feature-names", "the file names its features a, b, the configuration b, a"],
    [silent, undefined, 2, "feature-names", "the file does not name the 2 columns of its input"],
    [written('["a","b"]'), undefined, 3, "feature-names", "the input has 3 columns, and 2 features are named: a, b"],
    [written("a, b"), undefined, 2, "metadata", "the metadata streamgauge.features is a, b"],
    [written('["a","a"]'), undefined, 2, "metadata", 'the metadata streamgauge.features is ["a","a"]'],
    [written('{"a":1}'), undefined, 1, "metadata", 'the metadata streamgauge.features is {"a":1}'],
    [written("[]"), undefined, undefined, "metadata", "the metadata streamgauge.features is []"],
  ])("refuses %j with %j for %j columns", (metadata, configured, width, reason, problem) => {
    const find = () => featureNames("m.onnx", metadata, configured, width);
    expect(find).toThrow(expect.objectContaining({ name: "ModelError", path: "m.onnx", reason, problem }));
  });
});
