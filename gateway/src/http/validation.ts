import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyBaseLogger, FastifyInstance, FastifySchemaCompiler, FastifyTypeProvider, RawServerDefault } from "fastify";
import type { Static, TSchema } from "typebox";
import { Compile } from "typebox/compile";
import { quote } from "@streamgauge/core";
import { isRecord } from "../ingress/row-table.js";
import { acceptedValues } from "./accepted-values.js";
import { bodyProblem } from "./body-problem.js";

/** Types a route's handler by its TypeBox schemas. */
export interface TypeBoxProvider extends FastifyTypeProvider {
  validator: this["schema"] extends TSchema ? Static<this["schema"]> : unknown;
  serializer: unknown;
}

/** An app whose handlers are typed so. */
export type TypeBoxApp = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxProvider>;

/** A request does not match its schema. */
export class InvalidRequestError extends Error {
  override readonly name = "InvalidRequestError";
  readonly statusCode = 400;
}

/**
 * Validates with the documented schema. Texts in the query and the path are converted to its types; a body is not
 * converted.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const validator = Compile(schema);
  return (data: unknown) => {
    const value = httpPart === "body" ? data : validator.Convert(data);
    if (validator.Check(value)) return { value };
    const errors = validator.Errors(value).filter(({ keyword }) => keyword !== "boolean");
    if (httpPart === "body") return { error: new InvalidRequestError(bodyProblem(errors, schema, value)) };
    const [first] = errors;
    const said = httpPart === "querystring" && first !== undefined ? aboutParameter(first, schema, data) : undefined;
    if (said !== undefined) return { error: new InvalidRequestError(said) };
    const where = `${httpPart ?? "request"}${first?.instancePath.slice(0, 200) ?? ""}`;
    return { error: new InvalidRequestError(`${where} ${explained(first)}`) };
  };
};

/** For routes that parse their bodies themselves: validates everything but the body, which is only documented. */
export const validatorCompilerButBody: FastifySchemaCompiler<TSchema> = (route) =>
  route.httpPart === "body" ? (value: unknown) => ({ value }) : validatorCompiler(route);

/** What is wrong with a query parameter, what it accepts, and an example; undefined if the schema does not say. */
function aboutParameter(
  { keyword, instancePath, params }: { readonly keyword: string; readonly instancePath: string; readonly params: object },
  schema: TSchema,
  query: unknown,
) {
  const properties = isRecord(schema) && isRecord(schema["properties"]) ? schema["properties"] : {};
  if (keyword === "additionalProperties") {
    const unknown = isRecord(query) ? Object.keys(query).filter((name) => !Object.hasOwn(properties, name)) : [];
    const known = Object.keys(properties).join(", ");
    return `There is no parameter ${quote(unknown[0] ?? "")}: ${known === "" ? "there are none here" : `there are ${known}`}.`;
  }
  const missing: unknown = "requiredProperties" in params ? params.requiredProperties : undefined;
  if (Array.isArray(missing)) return aboutMissing(String(missing[0]), properties);
  const name = instancePath.slice(1);
  const accepted = acceptedValues(properties[name]);
  if (accepted === undefined) return undefined;
  const given = isRecord(query) ? query[name] : undefined;
  const times = Array.isArray(given) ? "given several times" : quote(given);
  return `${name} is ${times}: it must be ${accepted.words}, for example ?${name}=${accepted.example}`;
}

function aboutMissing(name: string, properties: Readonly<Record<string, unknown>>): string {
  const { [name]: schema } = properties;
  const description = isRecord(schema) && typeof schema["description"] === "string" ? ` ${schema["description"]}` : "";
  return `The parameter ${quote(name)} is missing.${description}`;
}

function explained(error: { readonly keyword: string; readonly message: string; readonly params: object } | undefined): string {
  if (error === undefined) return "is malformed";
  const strangers: unknown = "additionalProperties" in error.params ? error.params.additionalProperties : undefined;
  if (Array.isArray(strangers)) return `${error.message}: ${strangers.map(String).join(", ").slice(0, 200)}`;
  return error.message;
}

/** Writes replies as plain JSON: their schemas only document them. */
export const serializerCompiler = () => (value: unknown) => JSON.stringify(value);
