import { quote } from "@streamgauge/core";
import type { TSchema } from "typebox";
import { isRecord } from "../ingress/row-table.js";

/** A difference between a body and its schema. */
export interface BodyError {
  readonly keyword: string;
  /** A JSON pointer. */
  readonly instancePath: string;
  readonly message: string;
  readonly params: object;
}

const TYPES: Readonly<Record<string, string>> = {
  number: "a number",
  integer: "a whole number",
  string: "a text",
  boolean: "true or false",
  null: "null",
  object: "an object",
  array: "a list",
};

/** What is wrong with a body: which field, what it must be, and what to send. @param errors - at least one. */
export function bodyProblem(errors: readonly BodyError[], schema: TSchema, body: unknown): string {
  const [first] = errors;
  const wrong = first === undefined ? "The body is malformed" : wrongIn(first, errors, body);
  const examples = isRecord(schema) ? schema["examples"] : undefined;
  return Array.isArray(examples) ? `${wrong}. Send a body such as ${JSON.stringify(examples[0])}` : `${wrong}.`;
}

function wrongIn({ keyword, instancePath, params, message }: BodyError, errors: readonly BodyError[], body: unknown): string {
  const path = instancePath.split("/").slice(1).map(unescaped);
  const place = path.length === 0 ? "The body" : `The field ${path.join(".").slice(0, 200)}`;
  const [missing] = namesIn(params, "requiredProperties");
  if (keyword === "required" && missing !== undefined) return `${place} has no ${quote(missing)}`;
  const [stranger] = namesIn(params, "additionalProperties");
  if (keyword === "additionalProperties" && stranger !== undefined) return `${place} has ${quote(stranger)}, which nothing reads here`;
  const here = errors.filter((error) => error.instancePath === instancePath && error.keyword !== "anyOf");
  const other = here.find((error) => error.keyword !== "type");
  const types = here.flatMap((error) => ("type" in error.params ? [TYPES[String(error.params.type)] ?? String(error.params.type)] : []));
  const must = other === undefined && types.length > 0 ? `must be ${listed(types)}` : (other?.message ?? message);
  return `${place} ${must}; it is ${quote(valueAt(body, path))}`;
}

function namesIn(params: object, name: string): readonly string[] {
  const names: unknown = Reflect.get(params, name);
  return Array.isArray(names) ? names.map(String) : [];
}

function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} or ${last}`;
}

function valueAt(body: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined), body);
}

/** RFC 6901. */
function unescaped(part: string): string {
  return part.replaceAll("~1", "/").replaceAll("~0", "~");
}
