import { createReadStream, existsSync } from "node:fs";
import { Ids, labelContract, LABELS, predictionContract, predictionsOf, type Bus } from "@streamgauge/core";
import { parse } from "csv-parse";

/** A line of `unmatched.csv`. */
interface UnmatchedHalf {
  readonly id: string;
  readonly field: string;
  readonly value: string;
  readonly model: string;
}

const FRAME_ROWS = 256;

/**
 * Resends the halves of an `unmatched.csv`. A half whose partner has arrived is logged; the others wait again. Halves that are sent
 * twice are duplicates.
 *
 * @returns how many were sent.
 */
export async function resendUnmatched(bus: Bus, path: string, lane: string): Promise<number> {
  if (!existsSync(path)) return 0;
  let sent = 0;
  // The frame of labels and the frames of predictions, one per model, fill up side by side.
  const frames = new Map<string, UnmatchedHalf[]>();
  for await (const half of createReadStream(path).pipe(parse({ columns: true })) as AsyncIterable<UnmatchedHalf>) {
    const key = `${half.field}:${half.model}`;
    const frame = [...(frames.get(key) ?? []), half];
    frames.set(key, frame);
    if (frame.length < FRAME_ROWS) continue;
    sent += await send(bus, frame, lane);
    frames.delete(key);
  }
  for (const frame of frames.values()) sent += await send(bus, frame, lane);
  return sent;
}

async function send(bus: Bus, halves: readonly UnmatchedHalf[], lane: string): Promise<number> {
  const ids = Ids.of(halves.map(({ id }) => id));
  const values = Float64Array.from(halves, ({ value }) => Number(value));
  const model = halves[0]?.model ?? "";
  if (halves[0]?.field === "y_true") await bus.publish(LABELS, labelContract.write({ ids, y_true: values }, "json", Date.now()));
  else await bus.publish(predictionsOf(lane), predictionContract.write({ ids, y_pred: values, model, unit: "" }, "json", Date.now()));
  return halves.length;
}
