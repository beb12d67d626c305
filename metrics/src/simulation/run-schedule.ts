import { mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import {
  CHAMPION,
  createLogger,
  DEAD_QUEUE,
  LABELS,
  MemoryBroker,
  MemoryBus,
  predictionsOf,
  queuesOf,
  topologyOf,
  errorText,
  LanePartition,
} from "@streamgauge/core";
import { lanePaths } from "@streamgauge/core/metric-log";
import { assertOutcome } from "./oracle.js";
import { SeededRandom } from "@streamgauge/testing";
import type { Rotation } from "../log/rotation.js";
import { SimulatedRuns } from "./simulated-runs.js";
import { SimulatedTime } from "./simulated-time.js";
import { drawTraffic, encodedFrame, RETENTION_MS, type Act } from "./traffic.js";

/** A schedule failed. The message has the seed that repeats it. */
export class ScheduleError extends Error {
  override readonly name = "ScheduleError";
  readonly seed: number;

  constructor(seed: number, notes: readonly string[], cause: unknown) {
    super(`SEED=${seed}: ${errorText(cause)}\n${notes.map((note) => `  ${note}`).join("\n")}`, {
      cause,
    });
    this.seed = seed;
  }
}

const silent = createLogger("source", "silent");
/** Every schedule comes to rest within this many simulated ms: a frame waits for about a second, and few wait one after another. */
const REST_MS = 300_000;

/**
 * Runs metrics through one schedule and compares the files with what was sent.
 *
 * @param folder - emptied first. @throws ScheduleError
 */
export async function runSchedule(seed: number, folder: string): Promise<void> {
  const notes: string[] = [];
  try {
    await new Schedule(seed, folder, (note) => notes.push(note)).run();
  } catch (error) {
    throw new ScheduleError(seed, notes, error);
  }
}

class Schedule {
  readonly #random: SeededRandom;
  readonly #time: SimulatedTime;
  readonly #broker: MemoryBroker;
  readonly #source: MemoryBus;
  readonly #runs: SimulatedRuns;
  readonly #forgetful: boolean;
  readonly #traffic;
  readonly #paths;
  readonly #note: (what: string) => void;
  readonly #rows = new Map<Buffer, number>();
  #unsent = 0;

  constructor(seed: number, folder: string, note: (what: string) => void) {
    const random = new SeededRandom(seed);
    const time = new SimulatedTime(random);
    this.#random = random;
    this.#time = time;
    this.#note = (what) => note(`${(time.steady() / 1000).toFixed(3)} s: ${what}`);
    this.#broker = new MemoryBroker(topologyOf([CHAMPION]), time.defer);
    this.#source = new MemoryBus(this.#broker, "source", silent);
    // If more than one generation of ids is forgotten, nothing may be redelivered.
    this.#forgetful = random.chance(0.2);
    this.#traffic = drawTraffic(random, this.#forgetful);
    const { length } = this.#traffic.rows;
    this.#paths = lanePaths(folder, new LanePartition(CHAMPION));
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(dirname(this.#paths.state), { recursive: true });
    this.#runs = new SimulatedRuns({
      time,
      random,
      broker: this.#broker,
      paths: this.#paths,
      lane: CHAMPION,
      rotation: drawRotation(random),
      generationIds: this.#forgetful ? Math.ceil(length / 5) : Math.ceil(length / 2) + 1,
      crashes: this.#forgetful ? 0 : random.pick([0, 1, 2, 6]),
      rowsIn: ({ body }) => this.#rows.get(body) ?? 0,
      note: this.#note,
    });
  }

  async run(): Promise<void> {
    await this.#runs.begin();
    for (const act of this.#traffic.acts) await this.#play(act);
    await this.#restart();
    assertOutcome(this.#traffic, {
      paths: this.#paths,
      state: this.#runs.join.state,
      handedOut: this.#runs.handedOut,
      again: this.#runs.crashed,
      deadLetters: this.#broker.queue(DEAD_QUEUE).depth,
    });
    await this.#runs.end();
  }

  async #play({ frames, thenRest }: Act): Promise<void> {
    const random = this.#random;
    for (const frame of frames) {
      this.#unsent += 1;
      const message = encodedFrame(frame, random);
      this.#rows.set(message.body, frame.halves.length + frame.badRows);
      this.#time.after(frame.at, () => void this.#send(frame.side === "y_true" ? LABELS : predictionsOf(CHAMPION), message));
    }
    for (let kills = random.whole(0, 2); kills > 0; kills -= 1) this.#time.after(random.whole(0, 5_000), () => this.#runs.kill());
    await this.#rest();
    if (this.#forgetful || random.chance(0.2)) await this.#restart();
    if (random.chance(0.1)) this.#time.setBack(random.whole(1, 5_000));
    await this.#wait(thenRest);
    // Everything that is due expires before the next act, even if a run ended meanwhile.
    while (thenRest > RETENTION_MS && this.#isWaiting()) await this.#wait(1_000);
  }

  #isWaiting(): boolean {
    const { pending, corrections } = this.#runs.join.state;
    return pending.oldestArrival() !== undefined || corrections.waiting > 0;
  }

  async #send(...[to, message]: Parameters<MemoryBus["publish"]>): Promise<void> {
    await this.#source.publish(to, message);
    this.#unsent -= 1;
  }

  /** Lets time pass until every message is answered. */
  async #rest(): Promise<void> {
    while (!this.#isAtRest()) {
      await this.#time.run(REST_MS, () => this.#runs.isDown || this.#isAtRest());
      if (!this.#runs.isDown && !this.#isAtRest()) throw new Error("It does not come to rest.");
      await this.#revive();
    }
  }

  /** Lets time pass. */
  async #wait(ms: number): Promise<void> {
    const end = this.#time.steady() + ms;
    while (this.#time.steady() < end) {
      await this.#time.run(end - this.#time.steady(), () => this.#runs.isDown);
      await this.#revive();
    }
  }

  /** Starts the next run, some time after the last one, if that has ended. */
  async #revive(): Promise<void> {
    this.#runs.assertSound();
    if (!this.#runs.isDown) return;
    await this.#time.run(this.#random.whole(0, 5_000), () => false);
    await this.#runs.begin();
  }

  #isAtRest(): boolean {
    const { labels, predictions } = queuesOf(CHAMPION);
    return (
      this.#unsent === 0 &&
      this.#runs.inFlight === 0 &&
      this.#broker.queue(labels).depth === 0 &&
      this.#broker.queue(predictions).depth === 0
    );
  }

  async #restart(): Promise<void> {
    let stopped = false;
    const stopping = this.#runs.stop().then(() => (stopped = true));
    await this.#time.run(REST_MS, () => stopped);
    await stopping;
    this.#runs.assertSound();
    await this.#runs.begin();
    this.#runs.assertSound();
  }
}

/** Logs of a schedule have some hundred bytes. */
function drawRotation(random: SeededRandom): Rotation | undefined {
  if (random.chance(0.2)) return undefined;
  return random.chance(0.1) ? { kind: "day" } : { kind: "size", bytes: random.whole(33, 300) };
}
