/** The lane whose predictions count. */
export const CHAMPION = "champion";

/** Whether a name is that of a partition, such as `2of4`. The champion's files have no lane in their names, so a lane of this name would share them. */
export function isPartitionName(name: string): boolean {
  return /^\d+of\d+$/.test(name);
}

/** What partition `index` of `of` adds to names, such as `2of4`. */
export function partName(index: number, of: number): string {
  return `${index}of${of}`;
}

/** The queues of a partition: rows for the lane's models, which all partitions share, and both sides of its join. */
export interface PartitionQueues {
  readonly features: string;
  readonly labels: string;
  readonly predictions: string;
}

/** The name of a file that a partition writes. @param name - of the partition. */
export function fileOfPartition(name: string, stem: string, extension: string): string {
  const [lane, part] = name.split(/\.(?=\d+of\d+$)/);
  return [stem, ...(lane === CHAMPION ? [] : [lane]), ...(part === undefined ? [] : [part]), extension].join(".");
}

/**
 * A share of a lane's ids with queues, a log and a state of its own. It knows the names of everything that belongs to it. A lane has one
 * partition by default, and then its names have no partition in them.
 */
export class LanePartition {
  readonly lane: string;
  /** From 1 to `of`. */
  readonly index: number;
  /** Partitions of the lane. */
  readonly of: number;

  /** @throws RangeError if there is no such partition, or the lane is named as one. */
  constructor(lane: string, index = 1, of = 1) {
    if (isPartitionName(lane)) throw new RangeError(`A lane cannot be named ${lane}: its files would be those of a partition.`);
    if (!Number.isInteger(index) || !Number.isInteger(of) || index < 1 || index > of) {
      throw new RangeError(`There is no partition ${index} of ${of}: give whole numbers, from 1 to the number of partitions.`);
    }
    this.lane = lane;
    this.index = index;
    this.of = of;
  }

  /** All partitions of a lane. */
  static all(lane: string, of: number): readonly LanePartition[] {
    return Array.from({ length: of }, (_, i) => new LanePartition(lane, i + 1, of));
  }

  /** The partitions of a lane as one of them is named; undefined if it is named otherwise. */
  static beside(lane: string, name: string): readonly LanePartition[] | undefined {
    if (isPartitionName(lane)) return undefined;
    if (name === lane) return LanePartition.all(lane, 1);
    const [, index, of] = /^(\d{1,4})of(\d{1,4})$/.exec(name.slice(lane.length + 1)) ?? [];
    const all = LanePartition.all(lane, Number(of ?? 0));
    return all[Number(index ?? 0) - 1]?.name === name ? all : undefined;
  }

  get queues(): PartitionQueues {
    const join = `metrics.${this.name}`;
    return { features: `model.${this.lane}`, labels: `${join}.y_true`, predictions: `${join}.y_pred` };
  }

  /** The routing key of its predictions, and its name in folders and queues: `champion`, or `champion.2of4`. */
  get name(): string {
    return [this.lane, ...this.#part].join(".");
  }

  /** The name of a file that it writes: `metric_log.csv` for the champion, `metric_log.challenger.2of4.csv` for a part of another lane. */
  fileName(stem: string, extension: string): string {
    return fileOfPartition(this.name, stem, extension);
  }

  /** The file of its log, if the lane has several; undefined if it has only one, which needs no name. */
  get logName(): string | undefined {
    return this.of === 1 ? undefined : this.fileName("metric_log", "csv");
  }

  /** What is added to its names if the lane has several partitions. */
  get #part(): readonly string[] {
    return this.of === 1 ? [] : [partName(this.index, this.of)];
  }
}
