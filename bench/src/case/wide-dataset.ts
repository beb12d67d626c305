import { seededNumbers } from "@streamgauge/core";

/** A linear relation with a little noise, as CSV: columns x1 … x<features> and `target`. The same sizes give the same text. */
export function wideDataset(rows: number, features: number): string {
  const random = seededNumbers(2);
  const weights = Array.from({ length: features }, () => random() - 0.5);
  const lines = Array.from({ length: rows }, () => {
    const values = weights.map(() => Math.round(random() * 1e6) / 1e4);
    const target = values.reduce((sum, value, i) => sum + value * (weights[i] ?? 0), 100) + random();
    return [...values, Math.round(target * 1e3) / 1e3].join(",");
  });
  return `${[...weights.map((_, i) => `x${i + 1}`), "target"].join(",")}\n${lines.join("\n")}\n`;
}
