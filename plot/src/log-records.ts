const QUOTE = '"'.charCodeAt(0);
const COMMA = ",".charCodeAt(0);
const NEWLINE = "\n".charCodeAt(0);

/**
 * No record is longer, in bytes: an id has at most 128 characters and three numbers have at most 25 each. What is longer
 * is not a record, and a quote that is not closed within this length opens nothing.
 */
export const LONGEST_RECORD = 4_096;

/**
 * @param bytes - text in RFC 4180 that starts where a record starts.
 * @returns the length of the complete records at the start of `bytes`; what follows it is a record that is still being written.
 * A newline within quotes ends no record. A quote that cannot be one of RFC 4180 (within a bare field, or never closed) has no meaning.
 */
export function completeLength(bytes: Buffer): number {
  let end = 0;
  let at = 0;
  for (;;) {
    const quote = bytes.indexOf(QUOTE, at);
    const until = quote === -1 ? bytes.length : quote;
    const newline = until > at ? bytes.lastIndexOf(NEWLINE, until - 1) : -1;
    if (newline >= at) end = newline + 1;
    if (quote === -1) return end;
    const after = afterQuote(bytes, quote);
    if (after === undefined) return end;
    at = after;
  }
}

/**
 * @param bytes - complete records, of the length that `completeLength` says.
 * @yields one record after the other, each with its newline.
 */
export function* eachRecord(bytes: Buffer): Generator<Buffer> {
  let start = 0;
  for (;;) {
    const end = recordEnd(bytes, start);
    if (end === undefined) return;
    yield bytes.subarray(start, end);
    start = end;
  }
}

/** @returns whether the bytes may hold a quoted field; without one, every newline ends a record and every comma a field. */
export function hasQuote(bytes: Buffer): boolean {
  return bytes.includes(QUOTE);
}

function recordEnd(bytes: Buffer, start: number): number | undefined {
  let at = start;
  for (;;) {
    const newline = bytes.indexOf(NEWLINE, at);
    if (newline === -1) return undefined;
    // Only this line is searched: a log with few quotes would otherwise be searched to its end for every record.
    const quote = bytes.subarray(at, newline).indexOf(QUOTE);
    if (quote === -1) return newline + 1;
    // In complete records a field without an end is none: its quote opened nothing.
    at = afterQuote(bytes, at + quote) ?? at + quote + 1;
  }
}

/** @returns where reading goes on after a quote and, if it opens a field, after that field; nothing when the field's end is not written yet. */
function afterQuote(bytes: Buffer, quote: number): number | undefined {
  const opens = quote === 0 || bytes[quote - 1] === COMMA || bytes[quote - 1] === NEWLINE;
  if (!opens) return quote + 1;
  const limit = quote + LONGEST_RECORD;
  let closing = bytes.indexOf(QUOTE, quote + 1);
  while (closing !== -1 && closing < limit && bytes[closing + 1] === QUOTE) closing = bytes.indexOf(QUOTE, closing + 2);
  if (closing === -1 || closing >= limit) return bytes.length > limit ? quote + 1 : undefined;
  const next = bytes[closing + 1];
  if (next === undefined) return undefined;
  return next === COMMA || next === NEWLINE ? closing + 1 : quote + 1;
}
