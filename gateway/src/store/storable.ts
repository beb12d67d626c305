/**
 * Makes a text from the pipeline storable: PostgreSQL refuses NUL and lone surrogates, and with them all rows of the same write, at
 * every retry.
 */
export function storable(text: string): string {
  return text.replaceAll(UNSTORABLE, "\ufffd");
}

const UNSTORABLE = /\0|\p{Surrogate}/gu;
