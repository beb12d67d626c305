import Type from "typebox";
import { Compile } from "typebox/compile";
import { expect, test } from "vitest";
import { bodyProblem } from "./body-problem.js";

const CELL = Type.Union([Type.Number(), Type.String({ maxLength: 5 }), Type.Null()]);
const EXAMPLE = { features: { age: 59 } };
const SCHEMA = Type.Object(
  { id: Type.Optional(Type.String({ minLength: 1 })), features: Type.Record(Type.String(), CELL, { minProperties: 1 }) },
  { additionalProperties: false, examples: [EXAMPLE] },
);

test.each([
  [{}, 'The body has no "features"'],
  [{ features: { age: true } }, "The field features.age must be a number, a text or null; it is true"],
  [{ features: { "a/b": [1] } }, "The field features.a/b must be a number, a text or null; it is an array"],
  [{ features: { age: "toolong" } }, 'The field features.age must not have more than 5 characters; it is "toolong"'],
  [{ features: 3 }, "The field features must be an object; it is 3"],
  [{ features: {} }, "The field features must not have fewer than 1 properties; it is an object"],
  [{ id: 5, features: { age: 1 } }, "The field id must be a text; it is 5"],
  [{ features: { age: 1 }, x: 1 }, 'The body has "x", which nothing reads here'],
  [null, "The body must be an object; it is null"],
  [[], "The body must be an object; it is an array"],
])("of %j it is said what is wrong, and what to send", (body, wrong) => {
  const errors = Compile(SCHEMA)
    .Errors(body)
    .filter(({ keyword }) => keyword !== "boolean");
  expect(bodyProblem(errors, SCHEMA, body)).toBe(`${wrong}. Send a body such as {"features":{"age":59}}`);
});
