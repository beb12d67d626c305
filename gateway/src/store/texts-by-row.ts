/** Texts of some rows as a text column: each text once, with the indexes of its rows; null if there are none. */
export function writeTextsByRow(texts: ReadonlyMap<number, string>): string | null {
  if (texts.size === 0) return null;
  const places = new Map<string, number[]>();
  for (const [at, text] of texts) {
    const others = places.get(text);
    if (others === undefined) places.set(text, [at]);
    else others.push(at);
  }
  return JSON.stringify([...places]);
}

/** The texts that were written, by the indexes of their rows. */
export function readTextsByRow(written: string | null): ReadonlyMap<number, string> {
  const stored: readonly (readonly [string, readonly number[]])[] = written === null ? [] : JSON.parse(written);
  return new Map(stored.flatMap(([text, places]) => places.map((at) => [at, text] as const)));
}
