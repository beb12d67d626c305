import fc, { type Arbitrary } from "fast-check";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startPrivatePostgres, type PrivatePostgres } from "@streamgauge/testing";
import { startSumModel } from "../testing/sum-model.js";
import { testGateway } from "../testing/test-gateway.js";

vi.setConfig({ testTimeout: 120_000 });

/** The parts of a JSON Schema that the document uses. */
interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly minLength?: number;
  readonly pattern?: string;
  readonly format?: string;
}

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** Texts that often break programs. */
const NASTY = [
  "",
  "\0",
  "a\0b",
  "%00",
  "../..",
  "'; drop table jobs; --",
  "\u202e",
  "\ud800",
  "NaN",
  "1e999",
  "null",
  "[]",
  "{}",
  "x".repeat(5_000),
  "__proto__",
  "constructor",
];
/** Times that the format allows and databases may refuse. */
const TIMES = ["2016-12-31T23:59:60Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "2024-02-29T00:00:00+23:59"];
const nasty = fc.oneof(fc.constantFrom(...NASTY), fc.string(), fc.string({ unit: "binary", maxLength: 200 }));

/** Values that mostly match a schema. */
function ofSchema(schema: Schema): Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(ofSchema));
  if (schema.format === "date-time")
    return fc.oneof(
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.constantFrom(...TIMES),
    );
  if (schema.pattern?.startsWith("^(FP64") === true) return fc.constantFrom("FP64", "INT32", "BYTES", "BOOL");
  if (schema.type === "integer") return fc.integer({ min: schema.minimum ?? -10, max: Math.min(schema.maximum ?? 20, 20) });
  if (schema.type === "number") return fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0, -0, 1e308, -1e-320, 3));
  if (schema.type === "string")
    return fc.oneof(
      { weight: 3, arbitrary: fc.string({ minLength: schema.minLength ?? 0, maxLength: Math.min(schema.maxLength ?? 30, 30) }) },
      { weight: 1, arbitrary: nasty },
    );
  if (schema.type === "boolean") return fc.boolean();
  if (schema.type === "null") return fc.constant(null);
  if (schema.type === "array") return fc.array(ofSchema(schema.items ?? {}), { minLength: schema.minItems ?? 0, maxLength: 5 });
  if (schema.patternProperties !== undefined) {
    return fc.dictionary(fc.oneof(fc.constantFrom("a", "b", "age"), nasty), ofSchema(Object.values(schema.patternProperties)[0] ?? {}), {
      minKeys: 1,
    });
  }
  if (schema.properties !== undefined) {
    const properties = Object.fromEntries(Object.entries(schema.properties).map(([name, inner]) => [name, ofSchema(inner)]));
    return fc.record(properties, { requiredKeys: [...(schema.required ?? [])] });
  }
  return fc.jsonValue();
}

/** Values that match the schema, and values that do not. */
const around = (schema: Schema) =>
  fc.oneof({ weight: 3, arbitrary: ofSchema(schema) }, { weight: 1, arbitrary: fc.jsonValue() }, { weight: 1, arbitrary: nasty });

interface Try {
  readonly path: Readonly<Record<string, unknown>>;
  readonly query: readonly (readonly [string, unknown])[];
  readonly type: string | undefined;
  readonly body: unknown;
  readonly text: string;
}

function tries({ parameters = [], requestBody }: Operation): Arbitrary<Try> {
  const named = (place: string) => parameters.filter((parameter) => parameter.in === place);
  const path = fc.record(
    Object.fromEntries(named("path").map(({ name, schema }) => [name, fc.oneof(around(schema), fc.constantFrom("champion", "sum@1"))])),
  );
  const query = fc.array(
    fc.oneof(...named("query").map(({ name, schema }) => fc.tuple(fc.constant(name), around(schema))), fc.tuple(nasty, nasty)),
    { maxLength: 3 },
  );
  const content = requestBody?.content ?? {};
  const types = [...Object.keys(content), "text/plain", "application/xml"];
  const json = content["application/json"]?.schema;
  return fc.record({
    path,
    query,
    type:
      requestBody === undefined
        ? fc.constant(undefined)
        : fc.oneof({ weight: 4, arbitrary: fc.constant("application/json") }, { weight: 1, arbitrary: fc.constantFrom(...types) }),
    body: json === undefined ? fc.constant(undefined) : around(json),
    text: fc.oneof(
      fc.constant("json"),
      nasty,
      fc.constantFrom("a,b\n1,2\n", '{"features":{"a":1}}\n{"features":', "id,y_true\na,1\n", '"\n'),
    ),
  });
}

const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
const wellFormed = (given: string) => Buffer.from(given).toString();
/** A lone surrogate cannot be percent-encoded, so it is replaced first. */
const escaped = (value: unknown) => encodeURIComponent(wellFormed(text(value) ?? ""));

describe("requests around the document", () => {
  let postgres: PrivatePostgres;
  let url = "";
  let document: Document;
  let gateway: Awaited<ReturnType<typeof testGateway>>;

  beforeAll(async () => {
    postgres = await startPrivatePostgres();
  });
  afterAll(() => postgres.stop());

  test("find no answer that is the gateway's fault, and every refusal is a problem", async () => {
    gateway = await testGateway({ DATABASE_URL: postgres.url() });
    await startSumModel(gateway.bus("model"));
    ({ url } = gateway);
    document = JSON.parse(await (await fetch(`${url}/openapi.json`)).text());
    let asked = 0;
    for (const [template, operations] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(operations)) {
        await fc.assert(
          fc.asyncProperty(tries(operation), async ({ path, query, type, body, text: raw }) => {
            const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => escaped(path[name]) || "-");
            const search = query.map(([name, value]) => `${escaped(name)}=${escaped(value)}`).join("&");
            const sent = type === undefined ? undefined : ((type === "application/json" || raw === "json" ? text(body) : raw) ?? "");
            const answer = await fetch(`${url}${filled}${search === "" ? "" : `?${search}`}`, {
              method: method.toUpperCase(),
              ...(sent === undefined ? {} : { body: wellFormed(sent), headers: { "content-type": type ?? "" } }),
            });
            asked += 1;
            // Events go on for ever.
            if (answer.headers.get("content-type") === "text/event-stream") {
              await answer.body?.cancel();
              return;
            }
            const said = await answer.text();
            const what = `${method} ${filled}?${search} ${type} ${sent?.slice(0, 300)}\n${answer.status} ${said.slice(0, 300)}`;
            expect(answer.status, what).toBeLessThan(500);
            // Stack frames; an address may be "." and give "at POST /v2/models/infer".
            expect(said, what).not.toMatch(/\\n\s+at /);
            if (answer.status < 400) return;
            const { status, detail, error }: { status?: number; detail?: string; error?: string } = JSON.parse(said);
            // The Open Inference Protocol has its own error format.
            if (template.startsWith("/v2")) expect(error, what).toBeTypeOf("string");
            else expect([status, detail], what).toEqual([answer.status, expect.any(String)]);
          }),
          { numRuns: 60 },
        );
      }
    }
    expect(asked).toBeGreaterThan(1_000);
    expect(gateway.logs.lines.filter((line) => line.includes("ERROR"))).toEqual([]);
  });
});
