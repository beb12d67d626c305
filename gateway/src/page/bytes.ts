const UNITS = [
  [1e12, "TB"],
  [1e9, "GB"],
  [1e6, "MB"],
  [1e3, "kB"],
] as const;

/** A number of bytes in the unit that suits it: `1.2 GB`. */
export function bytes(count: number): string {
  const [size, unit] = UNITS.find(([each]) => count >= each) ?? [1, "B"];
  return `${Number((count / size).toPrecision(3)).toLocaleString("en")} ${unit}`;
}
