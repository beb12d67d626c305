import { describe, expect, test } from "vitest";
import { elementsOf, pathOfElement } from "./tensor-data.js";

describe("the elements of a tensor", () => {
  test.each([
    [
      [1, 2, 3, 4, 5, 6],
      [2, 3],
    ],
    [
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      [2, 3],
    ],
    [
      [[[1, 2, 3]], [[4, 5, 6]]],
      [2, 1, 3],
    ],
    [[1, 2, 3, 4, 5, 6], [6]],
    [
      [[1], [2], [3], [4], [5], [6]],
      [6, 1],
    ],
  ])("%j of shape %j are row-major", (data, shape) => {
    expect(elementsOf(data, shape)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test.each([
    [[1, 2, 3], [2, 2], "data has 3 values, and the shape [2, 2] takes 4"],
    [[1], [2], "data has 1 value, and the shape [2] takes 2"],
    [[[1, 2, 3], [4]], [2, 2], "data[0] has 3 values, and the shape takes 2 there"],
    [[[1], [2, 3, 4]], [2, 2], "data[0] has 1 value, and the shape takes 2 there"],
    [[[1, 2]], [2, 1], "data has 1 value, and the shape takes 2 there"],
    [[[1], [2]], [2], "data[0] is a list, and by the shape it is one value; nest the data as the shape says, or not at all"],
    [[[1, 2], 3], [2, 2], "data[1] is one value, and by the shape it is a list; nest the data as the shape says, or not at all"],
    [[1, [2]], [2, 1], "data[0] is one value, and by the shape it is a list; nest the data as the shape says, or not at all"],
    [[[[1]], [[2]]], [2, 1], "data[0][0] is a list, and by the shape it is one value; nest the data as the shape says, or not at all"],
  ])("%j are not those of shape %j", (data, shape, complaint) => {
    expect(() => elementsOf(data, shape)).toThrow(complaint);
  });

  test("are found again by their place", () => {
    expect(pathOfElement(5, [1, 2, 3, 4, 5, 6], [2, 3])).toBe("data[5]");
    expect(pathOfElement(5, [[], []], [2, 3])).toBe("data[1][2]");
    expect(pathOfElement(1, [[], []], [2, 3])).toBe("data[0][1]");
  });
});
