import { isRecord } from "../ingress/row-table.js";

/** The values that a query parameter accepts, in words, with an example; undefined if the schema says nothing useful. */
export function acceptedValues(schema: unknown): { readonly words: string; readonly example: string } | undefined {
  if (!isRecord(schema)) return undefined;
  const words = wordsFor(schema);
  return words === undefined ? undefined : { words, example: exampleOf(schema) };
}

function wordsFor(schema: Readonly<Record<string, unknown>>): string | undefined {
  const { type, format } = schema;
  const choices = choicesOf(schema);
  if (choices.length > 0) return `one of ${choices.join(", ")}`;
  if (format === "date-time") return "a time with its date, its hour and its zone";
  if (type === "boolean") return "true or false";
  if (type === "integer") return `a whole number${boundsOf(schema)}`;
  if (type === "number") return `a number${boundsOf(schema)}`;
  const { minLength = 0, maxLength } = schema;
  return type === "string" && typeof maxLength === "number" ? `a text of ${String(minLength)} to ${maxLength} characters` : undefined;
}

function choicesOf({ anyOf }: Readonly<Record<string, unknown>>): string[] {
  const choices: readonly unknown[] = Array.isArray(anyOf) ? anyOf : [];
  return choices.flatMap((choice) => (isRecord(choice) && typeof choice["const"] === "string" ? [choice["const"]] : []));
}

function boundsOf({ minimum, maximum }: Readonly<Record<string, unknown>>): string {
  if (typeof minimum !== "number") return "";
  return typeof maximum === "number" ? ` from ${minimum} to ${maximum}` : ` of ${minimum} or more`;
}

function exampleOf(schema: Readonly<Record<string, unknown>>): string {
  const { examples, default: usual, minimum } = schema;
  const [first]: readonly unknown[] = Array.isArray(examples) ? examples : choicesOf(schema);
  const example = [first, usual, minimum].find((value) => typeof value === "string" || typeof value === "number");
  return String(example ?? "text");
}
