/** The task of the processes in a ceiling case. */
export interface CeilingTask {
  readonly url: string;
  /** Path of the prepared frames. */
  readonly frames: string;
  readonly rows: number;
}

/** Consumers have as many messages in flight as those of the services: core's PrefetchWindow. */
const IN_HAND = { messages: 1_000, bytes: 32 * 1024 * 1024, least: 8 };

/** How many messages like these a consumer has in flight. */
export function prefetchOf([first]: readonly { readonly body: Buffer }[]): number {
  return Math.min(IN_HAND.messages, Math.max(IN_HAND.least, Math.floor(IN_HAND.bytes / (first?.body.length ?? 1))));
}

/** Pause between notes of how far it is, ms. */
export const NOTE_MS = 20;
