/**
 * A text that came through the pipeline as the database holds it: PostgreSQL's has no NUL and no half characters, and would refuse the
 * whole group of rows that one of them is stored with, again and again.
 */
export function storable(text: string): string {
  return text.replaceAll(UNSTORABLE, "\ufffd");
}

const UNSTORABLE = /\0|\p{Surrogate}/gu;
