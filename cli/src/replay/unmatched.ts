import { createReadStream, existsSync } from "node:fs";
import { Ids, labelContract, LABELS, ownRecords, predictionContract, predictionsOf, type Bus } from "@streamgauge/core";

/** A line of `unmatched.csv`. */
interface UnmatchedHalf {
  readonly id: string;
  readonly field: string;
  readonly value: string;
  readonly model: string;
  readonly received_at: string;
}

const FRAME_ROWS = 256;
/** The field of a correction whose label did not come. */
const CORRECTION = "correction";

/** A line of the file is no record. */
export class UnmatchedFileError extends Error {
  override readonly name = "UnmatchedFileError";
  readonly path: string;
  readonly line: number;

  constructor(path: string, line: number, problem: string) {
    super(`${path}, line ${line}: ${problem}. Mend or remove the line, and send again: what was sent already counts once.`);
    this.path = path;
    this.line = line;
  }
}

/**
 * Resends the halves and corrections of an `unmatched.csv`. A half whose partner has arrived is logged; the others wait again. Halves that are
 * sent twice are duplicates. A correction counts as made when it first came in.
 *
 * @returns how many were sent.
 * @throws UnmatchedFileError
 */
export async function resendUnmatched(bus: Bus, path: string, lane: string): Promise<number> {
  if (!existsSync(path)) return 0;
  let sent = 0;
  // The frame of labels, the frames of predictions, one per model, and those of corrections, one per moment, fill up side by side.
  const frames = new Map<string, UnmatchedHalf[]>();
  for await (const half of halvesIn(path)) {
    const key = `${half.field}:${half.field === CORRECTION ? half.received_at : half.model}`;
    const frame = [...(frames.get(key) ?? []), half];
    frames.set(key, frame);
    if (frame.length < FRAME_ROWS) continue;
    sent += await send(bus, frame, lane);
    frames.delete(key);
  }
  for (const frame of frames.values()) sent += await send(bus, frame, lane);
  return sent;
}

async function* halvesIn(path: string): AsyncGenerator<UnmatchedHalf, void> {
  let columns: readonly string[] | undefined;
  for await (const rows of ownRecords(createReadStream(path))) {
    for (const { line, cells, problem } of rows) {
      if (problem !== undefined) throw new UnmatchedFileError(path, line, problem);
      if (columns === undefined) {
        columns = cells;
        continue;
      }
      if (cells.length !== columns.length)
        throw new UnmatchedFileError(path, line, `it has ${cells.length} cells, the header has ${columns.length}`);
      const cell = (name: keyof UnmatchedHalf) => cells[columns?.indexOf(name) ?? -1] ?? "";
      yield { id: cell("id"), field: cell("field"), value: cell("value"), model: cell("model"), received_at: cell("received_at") };
    }
  }
}

async function send(bus: Bus, halves: readonly UnmatchedHalf[], lane: string): Promise<number> {
  const ids = Ids.of(halves.map(({ id }) => id));
  const values = Float64Array.from(halves, ({ value }) => Number(value));
  const { model = "", field, received_at: received = "" } = halves[0] ?? {};
  if (field === CORRECTION)
    await bus.publish(LABELS, labelContract.write({ ids, y_true: values, correction: { who: "replay" } }, "json", Date.parse(received)));
  else if (field === "y_true") await bus.publish(LABELS, labelContract.write({ ids, y_true: values }, "json", Date.now()));
  else await bus.publish(predictionsOf(lane), predictionContract.write({ ids, y_pred: values, model, unit: "" }, "json", Date.now()));
  return halves.length;
}
