/** What the processes of a ceiling are told. */
export interface CeilingTask {
  readonly url: string;
  /** Path of the prepared frames. */
  readonly frames: string;
  readonly rows: number;
}

/** Consumers have as many messages in hand as those of the services. */
export const PREFETCH = 1_000;
/** Pause between notes of how far it is, ms. */
export const NOTE_MS = 20;
