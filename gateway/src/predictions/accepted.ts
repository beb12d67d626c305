import { setTimeout as delay } from "node:timers/promises";
import type { NewPrediction } from "../store/prediction-store.js";
import type { Answer, Features } from "./prediction.js";

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

/** The answer as soon as it arrives; undefined after `ms`. */
export async function answerWithin(ms: number, { answered }: Accepted): Promise<Answer | undefined> {
  if (answered === undefined || ms <= 0) return undefined;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  return Promise.race([answered, late]).finally(() => clearTimeout(timer));
}

/** Resolves when a row that was sent first is stored. @throws NotStoredError after `ms`, or if it cannot be stored. */
export async function storedWithin(ms: number, { id, stored }: Accepted): Promise<void> {
  const late = delay(ms, undefined, { ref: false }).then(() => {
    throw new NotStoredError(id);
  });
  const failed = stored.catch((error: unknown) => {
    throw new NotStoredError(id, { cause: error });
  });
  late.catch(() => undefined);
  await Promise.race([failed, late]);
}
