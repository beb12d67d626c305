// csv-writer names its TypeScript sources as its types, which stricter compiler settings than its own refuse.
// This declares the part of it that is used.

/** Turns records into CSV text, RFC 4180 quoting, lines ended by `\n`. */
export interface ArrayCsvStringifier {
  /** The header's line; null where there is no header. */
  getHeaderString(): string | null;
  stringifyRecords(records: readonly (readonly (string | number)[])[]): string;
}

export function createArrayCsvStringifier(options: { header?: string[] }): ArrayCsvStringifier;
