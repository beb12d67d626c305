import { AlwaysOffSampler, AlwaysOnSampler, ParentBasedSampler, TraceIdRatioBasedSampler, type Sampler } from "@opentelemetry/sdk-trace";

/** Samplers by their names in OTEL_TRACES_SAMPLER. */
const SAMPLERS: Readonly<Record<string, (ratio: number) => Sampler>> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio) => new TraceIdRatioBasedSampler(ratio),
  parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
  parentbased_traceidratio: (ratio) => new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
};
const DEFAULT = "parentbased_always_on";

/**
 * The sampler that OTEL_TRACES_SAMPLER names. As the specification wants it, a name or an argument that cannot be used is a warning, and the
 * default takes its place.
 *
 * @param name - empty: the default, which records every trace.
 * @param argument - the share of traces, 0 to 1, for the samplers with a ratio; empty: all.
 */
export function samplerOf(name: string, argument: string): { readonly sampler: Sampler; readonly warnings: readonly string[] } {
  const given = name === "" ? DEFAULT : name;
  const known = Object.hasOwn(SAMPLERS, given) ? given : DEFAULT;
  const warnings: string[] = [];
  if (known !== given) {
    const names = Object.keys(SAMPLERS).join(", ");
    warnings.push(`OTEL_TRACES_SAMPLER is ${JSON.stringify(given)}, which is none of ${names}: ${DEFAULT} is used.`);
  }
  const ratio = argument === "" ? 1 : Number(argument);
  const fits = ratio >= 0 && ratio <= 1;
  if (!fits && known.endsWith("ratio"))
    warnings.push(`OTEL_TRACES_SAMPLER_ARG is ${JSON.stringify(argument)}, which is no number from 0 to 1: all traces are recorded.`);
  return { sampler: (SAMPLERS[known] ?? SAMPLERS[DEFAULT])?.(fits ? ratio : 1) ?? new AlwaysOnSampler(), warnings };
}
