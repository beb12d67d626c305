/** More than any line has, in bytes: an id of 128 characters of 4 bytes in quotes, and three numbers of 24 characters. */
export const MAX_LINE_BYTES = 1_024;

const NEWLINE = 0x0a;
const QUOTE = 0x22;
const COMMA = 0x2c;

/**
 * The position of the line break that ends the line at `start`; -1 if it is not written yet. A line break in a quoted id ends
 * nothing; a malformed line ends at its first line break.
 */
export function lineEnd(bytes: Buffer, start: number): number {
  if (bytes[start] !== QUOTE) return bytes.indexOf(NEWLINE, start);
  // The closing quote is the first that is not doubled. A field that no comma ends, or that is too long, is malformed.
  for (let at = start + 1; at < start + MAX_LINE_BYTES; at += 1) {
    if (at + 1 >= bytes.length) return -1;
    if (bytes[at] !== QUOTE) continue;
    if (bytes[at + 1] === COMMA) return bytes.indexOf(NEWLINE, at);
    if (bytes[at + 1] !== QUOTE) break;
    at += 1;
  }
  return bytes.indexOf(NEWLINE, start);
}

/** The position behind the next line break from `start` on; -1 if there is none. */
export function behindLineBreak(bytes: Buffer, start: number): number {
  const at = bytes.indexOf(NEWLINE, start);
  return at < 0 ? -1 : at + 1;
}
