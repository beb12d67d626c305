import type { Registry } from "prom-client";

/** A registry here or in another thread. */
export type MetricsText = Pick<Registry, "metrics">;

/**
 * What several registries hold, as one text for Prometheus, which wants the samples of one name together, and NaN written so; prom-client
 * writes Nan.
 */
export async function mergedMetrics(registries: readonly MetricsText[]): Promise<string> {
  const families = new Map<string, string[]>();
  for (const registry of registries) {
    for (const family of (await registry.metrics()).split("\n\n")) {
      const lines = family
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => (line.startsWith("#") ? line : line.replace(/ Nan$/, " NaN")));
      const [help = "", type = "", ...samples] = lines;
      const there = families.get(help);
      if (there === undefined) families.set(help, lines);
      else there.push(...(type.startsWith("#") ? samples : [type, ...samples]));
    }
  }
  return `${[...families.values()].map((lines) => lines.join("\n")).join("\n\n")}\n`;
}
