// From few rows to many, each darker than the one before, so that grey copies and colour-blind readers tell them apart too.
const STOPS = [
  [0xcf, 0xe5, 0xf4],
  [0x8c, 0xc5, 0xe8],
  [0x3f, 0x8f, 0xc6],
  [0x00, 0x5a, 0x92],
  [0x0b, 0x24, 0x40],
] as const;
const MIDDLE = 0.5;

/** Where a count stands between 1 and the largest, 0 to 1, by its logarithm: single rows are to be seen beside thousands. */
export function shareOf(count: number, largest: number): number {
  return largest <= 1 ? MIDDLE : Math.log(count) / Math.log(largest);
}

/** The colour of a share from 0 to 1. */
export function colourOf(share: number): string {
  const at = share * (STOPS.length - 1);
  const index = Math.min(Math.floor(at), STOPS.length - 2);
  const [from, to] = [STOPS[index] ?? STOPS[0], STOPS[index + 1] ?? STOPS[0]];
  const mixed = from.map((channel, i) => Math.round(channel + ((to[i] ?? channel) - channel) * (at - index)));
  return `rgb(${mixed.join(",")})`;
}

/** The counts that the legend names, ascending: 1, the largest, and powers of ten between that are well apart from both. */
export function legendCounts(largest: number): number[] {
  if (largest <= 1) return [1];
  const counts = [1];
  for (let power = 10; power < largest; power *= 10)
    if (shareOf(power, largest) < 0.85 && shareOf(power, largest) > 0.1) counts.push(power);
  const every = Math.ceil(counts.length / 6);
  return [...counts.filter((_, i) => i % every === 0), largest];
}
