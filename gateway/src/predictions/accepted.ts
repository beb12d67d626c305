import { settlesWithin } from "@streamgauge/core";
import type { NewPrediction } from "../store/prediction-store.js";
import type { Answer, Features } from "./prediction.js";
import type { Waits } from "./waits.js";

/** A requested row. */
export interface Asked {
  readonly id: string;
  readonly features: Features;
  /** When the row happened, in ms since 1970. */
  readonly event_time?: number | undefined;
  /** Whether the id was generated for this row, so that it cannot be known already. */
  readonly isNew?: boolean;
}

/** A row that was stored and sent, by this request or an earlier one. */
export interface Accepted extends NewPrediction {
  /** Resolves with the answer, or with undefined if it expires; undefined if only the database knows it. */
  readonly answered: Promise<Answer | undefined> | undefined;
  /** Resolves when the row is stored. */
  readonly stored: Promise<unknown>;
}

/** A row was sent, but the request is not stored. */
export class NotStoredError extends Error {
  override readonly name = "NotStoredError";

  constructor(id: string, options?: ErrorOptions) {
    super(
      `The prediction did not come in time, and the database has not stored the request: ask again with the id ${JSON.stringify(id)}, which counts once.`,
      options,
    );
  }
}

/** The answer as soon as it arrives; undefined after `ms`, or if waits end. */
export async function answerWithin(ms: number, { answered }: Accepted, waits: Waits): Promise<Answer | undefined> {
  return answered === undefined ? undefined : waits.within(ms, answered);
}

/** How long a row may take to be stored when waits have ended, in ms. */
const LAST_MS = 1_000;

/** Resolves when a row that was sent first is stored. @throws NotStoredError after `ms`, or soon after waits end; or if it cannot be stored. */
export async function storedWithin(ms: number, { id, stored }: Accepted, waits: Waits): Promise<void> {
  const isStored = stored.then(
    () => true,
    (error: unknown) => {
      throw new NotStoredError(id, { cause: error });
    },
  );
  isStored.catch(() => undefined);
  if ((await waits.within(ms, isStored)) === true) return;
  if (waits.areEnded && (await settlesWithin(LAST_MS, isStored))) await isStored;
  else throw new NotStoredError(id);
}
