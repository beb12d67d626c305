import { textWidth } from "./chart-renderer.js";
import { MARGIN, WIDTH } from "./picture-style.js";
import { countText, shorten, timeText } from "./picture-text.js";

/** What a picture of the log says beside what it shows. */
export interface LogSummary {
  readonly count: number;
  /** The target's unit, and the model of the latest row, if known. */
  readonly unit?: string | undefined;
  readonly model?: string | undefined;
  /** Malformed lines of the log, missing from the picture. */
  readonly malformed: number;
  /** When the log was read. */
  readonly time: Date;
}

/**
 * The lines below the title of a picture.
 *
 * @param figures - said after the number of rows.
 */
export function logLines({ count, model, malformed, time }: LogSummary, figures: readonly string[] = []): string[] {
  const rows = count === 1 ? "1 row" : `${countText(count)} rows`;
  const lines = [[rows, ...figures, timeText(time)].join(" · ")];
  if (model !== undefined) lines.push(shorten(`Model ${model}`, WIDTH - 3 * MARGIN, textWidth));
  if (malformed > 0) lines.push(`${countText(malformed)} malformed ${malformed === 1 ? "line" : "lines"} of the log skipped`);
  return lines;
}
