import { setTimeout as delay } from "node:timers/promises";

/** What was waited for did not come. */
export class NotInTimeError extends Error {
  override readonly name = "NotInTimeError";
  readonly what: string;

  constructor(what: string, withinMs: number, last: unknown) {
    super(`After ${withinMs / 1000} s still not: ${what} (last seen: ${JSON.stringify(last)}).`);
    this.what = what;
  }
}

const LOOK_MS = 50;

/**
 * Resolves with the first value that is wanted. Another process sends no event, so its state is polled.
 *
 * @param look - its failures count as undefined: what is looked at may be down.
 * @param what - completes "still not: …".
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  wanted: (value: T) => boolean = Boolean,
  withinMs = 60_000,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await look();
      last = value;
      if (wanted(value)) return value;
    } catch (error) {
      last = error instanceof Error ? error.message : error;
    }
    if (performance.now() > deadline) throw new NotInTimeError(what, withinMs, last);
    await delay(LOOK_MS);
  }
}
