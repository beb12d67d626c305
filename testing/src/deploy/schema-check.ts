import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import { builtFile } from "../built-file.js";

type Schema = Readonly<Record<string, unknown>>;

const file = (name: string) => JSON.parse(readFileSync(builtFile(`testing/src/deploy/schemas/${name}.json`), "utf8"));
const native: { kinds: Record<string, string>; definitions: Record<string, Schema> } = file("kubernetes");
const custom: Record<string, Schema> = file("custom");

/** Kubernetes drops a field that it does not know without an error: here it is one. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) => [key, key === "required" || key === "enum" ? value : closed(value)]);
  const isOpen = "properties" in schema && typeof schema.properties === "object" && !("additionalProperties" in schema);
  return Object.fromEntries(isOpen ? [...entries, ["additionalProperties", false]] : entries);
}

const ajv = new Ajv({ strict: false, allErrors: true });
ajv.addSchema({ $id: "kubernetes", definitions: closed(native.definitions) });
const validators = new Map<string, ValidateFunction>();

function validatorOf(kind: string): ValidateFunction | undefined {
  const known = validators.get(kind);
  if (known !== undefined) return known;
  const reference = native.kinds[kind];
  const schema = reference === undefined ? custom[kind] : { $ref: `kubernetes${reference}` };
  if (schema === undefined) return undefined;
  const validator = ajv.compile(Object(reference === undefined ? closed(schema) : schema));
  validators.set(kind, validator);
  return validator;
}

/** What is wrong with an object of Kubernetes, by the schema that its kind is published with; unknown fields are wrong. */
export function schemaFaults(object: { readonly apiVersion: string; readonly kind: string }): string[] {
  const kind = `${object.apiVersion}/${object.kind}`;
  const validate = validatorOf(kind);
  if (validate === undefined) return [`${kind} has no schema in testing/src/deploy/schemas`];
  if (validate(object)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
}
