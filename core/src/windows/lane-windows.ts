import { ErrorWindow } from "./error-window.js";
import { laneReference } from "./lane-reference.js";
import type { SavedWindow } from "./saved-window.js";

/** The windows of one size of a partition, ascending. */
export interface PartitionWindows {
  /** Its name. */
  readonly partition: string;
  readonly windows: Iterable<SavedWindow>;
}

/**
 * The windows of a lane from those of its partitions, ascending: one for each time, merged of the parts. Those of a lane with one partition
 * are its own, as they are.
 *
 * @param onPart - gets each part as it passes.
 */
export function* laneWindows(
  parts: readonly PartitionWindows[],
  onPart: (window: SavedWindow, partition: string) => void = () => undefined,
): Generator<SavedWindow, void> {
  const heads = parts.map(({ partition, windows }) => new Head(partition, windows[Symbol.iterator]()));
  for (;;) {
    const start = Math.min(...heads.map((head) => head.window?.start ?? Infinity));
    const merged = heads.flatMap((head) => {
      if (head.window?.start !== start) return [];
      const taken = head.window;
      onPart(taken, head.partition);
      head.next();
      return [taken];
    });
    const [first] = merged;
    if (first === undefined) return;
    yield merged.length === 1 ? first : mergedWindow(first, merged);
  }
}

/** The parts of a window that are in the partitions of a lane as one. */
export function mergedWindow({ size, start }: Pick<SavedWindow, "size" | "start">, parts: readonly SavedWindow[]): SavedWindow {
  const whole = new ErrorWindow(size, start);
  for (const part of parts) whole.merge(part);
  whole.refer(laneReference(parts));
  return whole.save();
}

/** The next window of a partition. */
class Head {
  readonly partition: string;
  readonly #windows: Iterator<SavedWindow>;
  window: SavedWindow | undefined;

  constructor(partition: string, windows: Iterator<SavedWindow>) {
    this.partition = partition;
    this.#windows = windows;
    this.next();
  }

  next(): void {
    const { value, done } = this.#windows.next();
    this.window = done === true ? undefined : value;
  }
}
