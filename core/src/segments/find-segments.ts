import { CodeLayout, FeatureWindow, type MonitoredReference, type SavedFeatureWindow } from "../drift/index.js";
import { quote } from "../refusal.js";
import { segmentHour } from "./segment-hours.js";
import { SegmentSearch } from "./segments.js";
import { segmentsJson, type HoursSeen, type SegmentsJson } from "./segments-json.js";

const HOUR_MS = 3_600_000;

/** Hours of one model version and one layout of codes that are being added up, in the order of their time. */
export class SegmentHours {
  readonly search: SegmentSearch;
  /** The parts of the hour that is open. */
  #open: SavedFeatureWindow[] = [];
  #seen: HoursSeen | undefined;

  constructor(earlier?: SegmentHours) {
    earlier?.end();
    this.search = new SegmentSearch(earlier?.search);
  }

  /** Adds an hour, or the part of it that is in one partition. */
  add(window: SavedFeatureWindow): void {
    if (window.labelled === 0) return;
    if (this.#open.some(({ start }) => start !== window.start)) this.end();
    this.#open.push(window);
  }

  /** Ends the hour that is open. */
  end(): void {
    const [first] = this.#open;
    const hour = merged(this.#open);
    this.#open = [];
    if (first === undefined || hour === undefined) return;
    const { start } = first;
    this.search.add(segmentHour(hour));
    this.#seen = { start: this.#seen?.start ?? start, end: start + HOUR_MS, hours: (this.#seen?.hours ?? 0) + 1 };
  }

  /** What was added; undefined if it is nothing. */
  get seen(): HoursSeen | undefined {
    this.end();
    return this.#seen;
  }
}

function merged(parts: readonly SavedFeatureWindow[]): SavedFeatureWindow | undefined {
  const [first] = parts;
  if (first === undefined || parts.length === 1) return first;
  const layout = CodeLayout.read(first.layout);
  if (layout === undefined) return undefined;
  const window = new FeatureWindow(first.start, first.model, layout);
  for (const part of parts) window.merge(part);
  return window.save();
}

/**
 * What to say of hours to compare with that have no labelled row.
 *
 * @param hours - those before the ones that are compared that have some, as RFC 3339; undefined: there are none.
 */
export function noEarlierRows(model: string, hours: Pick<SegmentsJson, "start" | "end"> | undefined): string {
  const otherwise = "or give no hours to compare with: then each segment is compared with all other rows.";
  if (hours === undefined)
    return `Before the hours that are compared there is no labelled row of ${quote(model)}: let them begin later, ${otherwise}`;
  const { start, end } = hours;
  return (
    `The hours to compare with have no labelled row of ${quote(model)}: before those that are compared, its labelled rows are in the hours from ${start} to ${end}. ` +
    `Choose from these, ${otherwise}`
  );
}

/** The hours to look at. */
export interface SegmentRange {
  readonly model: string;
  readonly reference: MonitoredReference;
  readonly hours: SegmentHours;
  /** Those that `hours` was made with. */
  readonly earlier?: SegmentHours | undefined;
}

/** Where the error of the hours is; undefined if none of them has a label. */
export function foundIn({ model, reference, hours, earlier }: SegmentRange): SegmentsJson | undefined {
  const { seen } = hours;
  if (seen === undefined) return undefined;
  return segmentsJson({ model, reference, seen, earlier: earlier?.seen, found: hours.search.found() });
}
