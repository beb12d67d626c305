import { readFileSync } from "node:fs";
import { DiagnosticSeverity, Parser } from "@asyncapi/parser";
import { describe, expect, test } from "vitest";
import { asyncApiDocument } from "./asyncapi.js";
import { DEAD_HEADER } from "./bus/dead-header.js";
import { CHAMPION } from "./lane-partition.js";
import { topologyOf } from "./bus/topology.js";
import { featuresContract } from "./frames/features-contract.js";
import { labelContract } from "./frames/label-contract.js";
import { predictionContract } from "./frames/prediction-contract.js";

const document = JSON.stringify(asyncApiDocument(), undefined, 2);

describe("The AsyncAPI document", () => {
  test("is the one in docs/", () => {
    const file = readFileSync(new URL("../../docs/asyncapi.json", import.meta.url), "utf8");
    expect(file, "out of date: run `npm run documents`").toBe(`${document}\n`);
  });

  test("is valid AsyncAPI 3.0", async () => {
    const diagnostics = await new Parser().validate(document);
    expect(diagnostics.filter(({ severity }) => severity === DiagnosticSeverity.Error)).toEqual([]);
  });

  test("names every exchange, queue and header", () => {
    const { exchanges, queues } = topologyOf([CHAMPION]);
    for (const { name } of [...exchanges, ...queues]) expect(document).toContain(`"name": "${name}"`);
    for (const name of Object.values(DEAD_HEADER)) expect(document).toContain(`"${name}"`);
  });

  test.each([featuresContract, labelContract, predictionContract])(
    "describes the very schema that the reader of $type checks with",
    ({ type, layout: { schema } }) => {
      const { payload } = JSON.parse(document).components.messages[`${type}Json`];
      expect(payload).toEqual(JSON.parse(JSON.stringify(schema)));
    },
  );
});
