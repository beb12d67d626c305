import { FEATURE_REFERENCE } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { noSegmentNamed, segmentNamed } from "./segment-named.js";

test("a segment is known by its name", () => {
  expect(segmentNamed(FEATURE_REFERENCE, "bmi 5 to 6")).toEqual({
    text: "bmi 5 to 6",
    places: [{ feature: "bmi", kind: "range", from: 5, to: 6, texts: [] }],
    codes: [{ column: 0, codes: [7] }],
  });
  expect(segmentNamed(FEATURE_REFERENCE, "bmi missing")?.codes).toEqual([{ column: 0, codes: [0] }]);
  expect(segmentNamed(FEATURE_REFERENCE, "bmi above 20")?.codes).toEqual([{ column: 0, codes: [22] }]);
  expect(segmentNamed(FEATURE_REFERENCE, 'city "Oslo"')?.codes).toEqual([{ column: 1, codes: [4] }]);
  expect(segmentNamed(FEATURE_REFERENCE, "prediction 10 to 20")?.codes).toEqual([{ column: 2, codes: [3] }]);
});

test("one of two features has groups of bins", () => {
  // 20 bins are in five groups of four: the second begins at bin 6, which is from 4 to 5.
  expect(segmentNamed(FEATURE_REFERENCE, 'bmi 4 to 8, city "Lima"')?.codes).toEqual([
    { column: 0, codes: [6, 7, 8, 9] },
    { column: 1, codes: [5] },
  ]);
});

test("the two features may come in either order", () => {
  const named = segmentNamed(FEATURE_REFERENCE, 'city "Lima", bmi 4 to 8');
  expect(named).toEqual(segmentNamed(FEATURE_REFERENCE, 'bmi 4 to 8, city "Lima"'));
  expect(named?.text).toBe('bmi 4 to 8, city "Lima"');
});

test("other names are those of no segment", () => {
  for (const name of ["", "bmi", "bmi 5 to 7", "bmi 5 to 6, bmi 5 to 6", "height 1 to 2"])
    expect(segmentNamed(FEATURE_REFERENCE, name)).toBeUndefined();
});

test("a name that none has is answered with those of its feature, or with the features", () => {
  const said = noSegmentNamed(FEATURE_REFERENCE, "m@1", "bmi 5 to 7");
  expect(said).toMatch(
    /^No segment of "m@1" is named "bmi 5 to 7"\. Those of "bmi" are "bmi missing", "bmi up to 0", "bmi 0 to 1", .*"bmi above 20"; /,
  );
  const named = [...said.matchAll(/"(bmi [^"]*)"/g)].map(([, name = ""]) => name).slice(1);
  expect(named.filter((name) => segmentNamed(FEATURE_REFERENCE, name) === undefined)).toEqual([]);
  expect(noSegmentNamed(FEATURE_REFERENCE, "m@1", "height 1 to 2")).toContain(
    'It has segments of "bmi", "city", "prediction"; of two features',
  );
});
