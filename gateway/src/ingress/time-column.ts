import { CsvRefusedError, EVENT_TIME, EventTimeText, eventTimeProblem, isMissingNumber, listedNames } from "@streamgauge/core";

/** Where a CSV file says when its rows happened, and how. */
export interface TimeColumnOptions {
  /** The column that the request names. */
  readonly named?: string | undefined;
  /** The column that is taken if the file has it. Default: `event_time`. */
  readonly usual?: string | undefined;
  /** The zone of times without an offset. Default: UTC. */
  readonly zone?: string | undefined;
}

/** Reads the event times of CSV records. */
export class TimeColumn {
  readonly name: string;
  /** Its place in a record. */
  readonly index: number;
  readonly #text: EventTimeText;

  private constructor(name: string, index: number, zone: string) {
    this.name = name;
    this.index = index;
    this.#text = new EventTimeText(zone);
  }

  /** The column of times in a file; undefined if it has none. @throws CsvRefusedError if the request names one that is not there. */
  static of(header: readonly string[], { named, usual = "", zone = "UTC" }: TimeColumnOptions): TimeColumn | undefined {
    const name = named ?? (usual === "" ? EVENT_TIME : usual);
    const index = header.indexOf(name);
    if (index >= 0) return new TimeColumn(name, index, zone);
    if (named === undefined) return undefined;
    const problem = `has no column ${JSON.stringify(named)} with times`;
    throw new CsvRefusedError({ code: "header", problem, remedy: `it has ${listedNames(header)}` });
  }

  /** ms since 1970; null if the cell is empty, or says that it is missing. A text that is no time is refused, with the reason. */
  read(cell: string): number | null | { readonly reason: string } {
    if (isMissingNumber(cell)) return null;
    return this.#text.read(cell) ?? { reason: eventTimeProblem(cell) };
  }
}
