import { expect, test } from "vitest";
import { samplerOf } from "./sampler.js";

test.each([
  ["", "", "ParentBased{root=AlwaysOnSampler, "],
  ["always_off", "", "AlwaysOffSampler"],
  ["traceidratio", "0.25", "TraceIdRatioBased{0.25}"],
  ["parentbased_traceidratio", "0.25", "ParentBased{root=TraceIdRatioBased{0.25}, "],
  ["traceidratio", "", "TraceIdRatioBased{1}"],
])("the sampler %j with the argument %j is %s", (name, argument, described) => {
  const { sampler, warnings } = samplerOf(name, argument);
  expect(sampler.toString().slice(0, described.length)).toBe(described);
  expect(warnings).toEqual([]);
});

test("a name or an argument that cannot be used is a warning, and the default takes its place", () => {
  const unknown = samplerOf("sometimes", "0.5");
  expect(unknown.sampler.toString()).toMatch(/^ParentBased\{root=AlwaysOnSampler, /);
  expect(unknown.warnings).toEqual([
    'OTEL_TRACES_SAMPLER is "sometimes", which is none of always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio: parentbased_always_on is used.',
  ]);
  const much = samplerOf("traceidratio", "50");
  expect(much.sampler.toString()).toBe("TraceIdRatioBased{1}");
  expect(much.warnings).toEqual(['OTEL_TRACES_SAMPLER_ARG is "50", which is no number from 0 to 1: all traces are recorded.']);
  expect(samplerOf("traceidratio", "half").warnings).toHaveLength(1);
});
