const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const UNITS = new Map<string, number>(Object.entries(UNIT_MS));

/** Longer than any window is kept. */
const MAX_MS = 3_650 * UNIT_MS.d;

/** A time such as `30s`, `5m`, `1h` or `7d` in ms; undefined if it is not one, or longer than ten years. */
export function durationOf(text: string): number | undefined {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim()) ?? [];
  const ms = Math.round(Number(number) * (UNITS.get(unit) ?? Number.NaN));
  return number !== "" && ms <= MAX_MS ? ms : undefined;
}

/** The shortest way to write a time: `1h`, `90m`, `1500ms`. */
export function durationText(ms: number): string {
  const [unit, size] = [...UNITS].reverse().find(([, each]) => ms >= each && ms % each === 0) ?? ["ms", 1];
  return `${ms / size}${unit}`;
}
