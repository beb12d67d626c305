/** Why a file or a body cannot be read as CSV at all. */
export interface CsvFault {
  /** `no-rows`: there is a header and nothing else, as when the line breaks were lost. */
  readonly code: "empty" | "no-rows" | "format" | "encoding" | "separator" | "header";
  /** What is wrong, as the end of a sentence that begins with the file. */
  readonly problem: string;
  /** What to do, without a full stop. */
  readonly remedy: string;
}

/** Nothing of a file or a body can be read as CSV. */
export class CsvRefusedError extends Error {
  override readonly name = "CsvRefusedError";
  readonly fault: CsvFault;

  constructor(fault: CsvFault) {
    super(describeFault("The CSV", fault));
    this.fault = fault;
  }
}

/** A fault as a sentence. @param what - what is read, as the beginning of the sentence. */
export function describeFault(what: string, { problem, remedy }: CsvFault): string {
  return `${what} ${problem}: ${remedy}.`;
}
