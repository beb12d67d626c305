// Makes testing/src/deploy/schemas of what is published, for the kinds that deploy/kubernetes uses:
//   node scripts/kubernetes-schemas.mjs <swagger.json of Kubernetes> <YAML of a custom resource's definition>…
// Descriptions and what no kind refers to are left out. testing/src/deploy/schemas/SOURCES.md says where the files came from.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

const FOLDER = fileURLToPath(new URL("../testing/src/deploy/schemas/", import.meta.url));
const KINDS = ["Deployment", "NetworkPolicy", "PodDisruptionBudget", "Service", "StatefulSet"];
/** Fields by which JSON Schema says something; others are for people and tools. */
const KEPT = ["$ref", "additionalProperties", "anyOf", "enum", "items", "oneOf", "pattern", "properties", "required", "type"];
const KEPT_LIMITS = ["maxItems", "maximum", "maxLength", "minItems", "minimum", "minLength", "x-kubernetes-int-or-string"];

function bare(schema) {
  if (typeof schema !== "object" || schema === null) return schema;
  // The swagger file has it as a string, with this format.
  if (schema.format === "int-or-string") return { type: ["integer", "string"] };
  const entries = Object.entries(schema).filter(([key]) => KEPT.includes(key) || KEPT_LIMITS.includes(key));
  return Object.fromEntries(entries.map(([key, value]) => [key, bareValue(key, value)]));
}

function bareValue(key, value) {
  if (key === "properties") return Object.fromEntries(Object.entries(value).map(([name, property]) => [name, bare(property)]));
  if (key === "anyOf" || key === "oneOf") return value.map(bare);
  return key === "items" || key === "additionalProperties" ? bare(value) : value;
}

function* refsIn(schema) {
  if (typeof schema !== "object" || schema === null) return;
  for (const [key, value] of Object.entries(schema)) {
    if (key === "$ref") yield value.replace("#/definitions/", "");
    else yield* refsIn(value);
  }
}

function nativeSchemas(swagger) {
  const wanted = Object.entries(swagger.definitions).filter(([, { "x-kubernetes-group-version-kind": kinds = [] }]) =>
    kinds.some(({ kind, version }) => KINDS.includes(kind) && version === "v1"),
  );
  const definitions = {};
  const waiting = wanted.map(([name]) => name);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name in definitions) continue;
    definitions[name] = bare(swagger.definitions[name]);
    waiting.push(...refsIn(definitions[name]));
  }
  const kinds = wanted.map(([name, definition]) => {
    const [{ group, version, kind }] = definition["x-kubernetes-group-version-kind"];
    return [`${group === "" ? "" : `${group}/`}${version}/${kind}`, `#/definitions/${name}`];
  });
  return {
    kinds: Object.fromEntries(kinds),
    definitions: Object.fromEntries(Object.entries(definitions).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function customSchema(path) {
  const { spec } = parse(readFileSync(path, "utf8"));
  const { name: version, schema } = spec.versions.find(({ storage }) => storage);
  const { apiVersion, kind, metadata, spec: content } = bare(schema.openAPIV3Schema).properties;
  // Of RabbitmqCluster: five sixths of all, and of no use here.
  delete content.properties.override;
  return [
    `${spec.group}/${version}/${spec.names.kind}`,
    { type: "object", required: ["spec"], properties: { apiVersion, kind, metadata, spec: content } },
  ];
}

const [swagger, ...custom] = process.argv.slice(2);
const write = (name, content) => writeFileSync(`${FOLDER}${name}.json`, `${JSON.stringify(content)}\n`);
write("kubernetes", nativeSchemas(JSON.parse(readFileSync(swagger, "utf8"))));
write("custom", Object.fromEntries(custom.map(customSchema)));
