import type { Logger } from "@streamgauge/core";
import { diskOutlook, LOOK_BACK_S, type DiskOutlook, type DiskSample } from "./disk-outlook.js";

/** Below this share of the time at which it is said first, it is said again. */
const URGENT = 1 / 6;
/** It is over beyond this many times that time: the rate varies. */
const OVER = 1.5;

/** How near a full disk is. */
const STAGES = ["far", "near", "urgent"] as const;
type Stage = (typeof STAGES)[number];

/** Watches the disk of the log, and says in time that it will be full: once when that is near, once when it is urgent, once when it is over. */
export class DiskWatch {
  readonly #folder: string;
  readonly #log: Logger;
  readonly #warnS: number;
  readonly #samples: DiskSample[] = [];
  #outlook: DiskOutlook | undefined;
  #stage: Stage = "far";

  /** @param folder - LOGS_DIR, to name it. @param warnHours - how long before; 0: nothing is said. */
  constructor(folder: string, log: Logger, warnHours: number) {
    this.#folder = folder;
    this.#log = log;
    this.#warnS = warnHours * 3_600;
  }

  /** The latest look, and what follows from it. */
  get outlook(): DiskOutlook | undefined {
    return this.#outlook;
  }

  /** Seconds until the disk is full, while that is near. */
  get nearFullIn(): number | undefined {
    return this.#stage === "far" ? undefined : this.#outlook?.fullIn;
  }

  /** Takes a look at the disk. */
  look(sample: DiskSample): void {
    this.#samples.push(sample);
    while ((this.#samples[0]?.at ?? Infinity) < sample.at - LOOK_BACK_S) this.#samples.shift();
    this.#outlook = diskOutlook(this.#samples);
    if (this.#outlook === undefined) return;
    const before = this.#stage;
    this.#stage = this.#nextStage(this.#outlook.fullIn ?? Infinity);
    if (this.#stage === before) return;
    if (this.#stage === "far")
      this.#log.info(`The disk of ${this.#folder} is no longer near full: ${sizeText(this.#outlook.free)} are free.`);
    else if (STAGES.indexOf(this.#stage) > STAGES.indexOf(before)) this.#warn(this.#outlook);
  }

  #nextStage(fullIn: number): Stage {
    if (fullIn < this.#warnS * URGENT) return "urgent";
    if (fullIn < this.#warnS) return this.#stage === "urgent" && fullIn < this.#warnS * URGENT * OVER ? "urgent" : "near";
    return this.#stage !== "far" && fullIn < this.#warnS * OVER ? "near" : "far";
  }

  #warn({ free, rate, fullIn = 0 }: DiskOutlook): void {
    this.#log.warn(
      `The disk of ${this.#folder} is full in about ${timeText(fullIn)} at the present rate: ${sizeText(free)} are free, and ${sizeText(rate)} a second are written. ` +
        "On a full disk nothing is logged, and rows wait; none is lost. Make room, or move LOGS_DIR to a larger disk.",
    );
  }
}

/** `5 hours`, `40 minutes`, `30 seconds`. */
function timeText(seconds: number): string {
  const [length, unit] = seconds >= 5_400 ? [3_600, "hours"] : seconds >= 90 ? [60, "minutes"] : [1, "seconds"];
  return `${Math.round(seconds / length)} ${unit}`;
}

/** `1.2 GB`. */
function sizeText(bytes: number): string {
  const [size, unit] = SIZES.find(([least]) => bytes >= least) ?? [1, "B"];
  return `${Number((bytes / size).toPrecision(3))} ${unit}`;
}

const SIZES = [
  [1e12, "TB"],
  [1e9, "GB"],
  [1e6, "MB"],
  [1e3, "kB"],
] as const;
