import { seededNumbers } from "@streamgauge/core";

/** A linear relation with a little noise, and the rows that follow it. */
export interface WideDataset {
  /** Columns x1 … x<features>, evenly spread over 0 to 100, and `target`. */
  readonly csv: string;
  readonly features: readonly string[];
  /** Target's unit per feature's unit, [features]. */
  readonly weights: readonly number[];
}

export const INTERCEPT = 100;

/** The same sizes give the same text. */
export function wideDataset(rows: number, width: number): WideDataset {
  const random = seededNumbers(2);
  const weights = Array.from({ length: width }, () => random() - 0.5);
  const features = weights.map((_, i) => `x${i + 1}`);
  const lines = Array.from({ length: rows }, () => {
    const values = weights.map(() => Math.round(random() * 1e6) / 1e4);
    const target = values.reduce((sum, value, i) => sum + value * (weights[i] ?? 0), INTERCEPT) + random();
    return [...values, Math.round(target * 1e3) / 1e3].join(",");
  });
  return { csv: `${[...features, "target"].join(",")}\n${lines.join("\n")}\n`, features, weights };
}
