/** `npm run soak -- --rows 100e6`: as many rows as that, as fast as they go. */
export interface RowsOptions {
  readonly kind: "rows";
  readonly rows: number;
  /** How long labels are held back after their rows. */
  readonly labelDelayMs: number;
  /** LOG_ROTATE of metrics; undefined: left as it is. */
  readonly rotate?: string;
}

/** `npm run soak -- --hours 48`: that many hours of event time, with faults. */
export interface HoursOptions {
  readonly kind: "hours";
  readonly hours: number;
  /** How long they would take without faults. */
  readonly minutes: number;
  readonly faults: number;
  /** Whether the disk of the log is filled too, which needs the right to mount one. */
  readonly disk: boolean;
  /** Faults whose name has one of these texts in it; undefined: all. */
  readonly only?: readonly string[];
  readonly rotate?: string;
}

export type SoakOptions = RowsOptions | HoursOptions;

/** The variable by which the command gives them to its run. */
export const SOAK_VARIABLE = "SOAK";
