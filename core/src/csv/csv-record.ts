const NEEDS_QUOTES = /[",\r\n]/;

/** Whether a text has no character that needs quotes. */
export function isPlain(text: string): boolean {
  return !NEEDS_QUOTES.test(text);
}

/** A field by RFC 4180: in quotes if it has a comma, a quote or a line break; otherwise the text itself. */
export function csvField(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A record by RFC 4180, its line break `\n` included. */
export function csvRecord(fields: readonly (string | number)[]): string {
  return `${fields.map((field) => csvField(String(field))).join(",")}\n`;
}
