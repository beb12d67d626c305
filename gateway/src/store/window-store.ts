import { LanePartition } from "@streamgauge/core";
import {
  keptFrom,
  lengthOf,
  mergedWindow,
  stateOf,
  WINDOW_FORMAT,
  windowFigures,
  WINDOW_SIZE_NAMES,
  WindowSum,
} from "@streamgauge/core/windows";
import type { WindowJson, WindowMessage, WindowSize, WindowSummary, SummaryFigures } from "@streamgauge/core/windows";
import { sql, type Kysely } from "kysely";
import { predictionPath } from "../predictions/prediction-path.js";
import { untimed, type Timed } from "../live/pace.js";
import type { Database } from "./database.js";
import type { Tables } from "./schema.js";
import { storable } from "./storable.js";

/** Which windows to list. */
export interface WindowFilter {
  readonly lane: string;
  readonly size: WindowSize;
  /** Windows that begin at this time or later, and before `to`; ms since 1970. */
  readonly from: number;
  readonly to: number;
}

/** Windows that a sum reads at once: few, because reading one takes up to a ms, in which the gateway answers nobody. */
const SUMMED_AT_ONCE = 10;

/** Windows that begin later than this from now are far in the future, in ms. Clocks, time zones and forecasts are ahead by less. */
const AHEAD_MS = 86_400_000;

/** Rows of a lane, over all its windows. */
export interface RowCounts {
  readonly predicted: number;
  readonly labelled: number;
}

/** A row that a gateway may have taken. */
interface LinkedRow {
  readonly id: string;
  /** Where it tells more of it. */
  readonly prediction: string | null;
}

interface FoundWindow {
  readonly start: number;
  readonly final_at: number;
  readonly figures: string;
  readonly body: string;
}

/** The windows of all lanes in the database, each as its partition sent it last. */
export class WindowStore {
  readonly #database: Database;
  /** By lane: its partitions when windows of it came last, by name. */
  readonly #partitions = new Map<string, string>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Stores what is newer than what is there, and removes what is no longer kept. @throws if `signal` is aborted first. */
  async put({ lane, partition, epoch, watermark, windows, alarms }: WindowMessage, signal: AbortSignal): Promise<void> {
    const rows = windows.map((window) => ({
      size: window.size,
      start: window.start,
      revision: window.revision,
      final_at: window.finalAt,
      body: storable(WINDOW_FORMAT.write(window)),
      figures: storable(JSON.stringify(windowFigures(window, alarms))),
    }));
    const partitions = LanePartition.beside(lane, partition)?.map(({ name }) => name) ?? [];
    const isOther = partitions.length > 0 && this.#partitions.get(lane) !== partitions.join();
    await this.#database.runUntilDone(async (db) => {
      // The lane was divided anew: windows of earlier partitions would count its rows twice.
      if (isOther) await db.deleteFrom("windows").where("lane", "=", lane).where("partition", "not in", partitions).execute();
      await sql`
        insert into windows (lane, partition, size, start, epoch, revision, final_at, body, figures)
        select ${lane}, ${partition}, size, start, ${epoch}, revision, final_at, body, figures
        from json_to_recordset(${JSON.stringify(rows)}::json)
          as given (size text, start double precision, revision double precision, final_at double precision, body text, figures text)
        on conflict (partition, size, start) do update set
          epoch = excluded.epoch, revision = excluded.revision, final_at = excluded.final_at,
          body = excluded.body, figures = excluded.figures
        where (excluded.epoch, excluded.revision) > (windows.epoch, windows.revision)`.execute(db);
      for (const size of WINDOW_SIZE_NAMES) {
        const from = keptFrom(size, watermark);
        if (!Number.isFinite(from)) continue;
        await db.deleteFrom("windows").where("partition", "=", partition).where("size", "=", size).where("start", "<", from).execute();
      }
    }, signal);
    if (isOther) this.#partitions.set(lane, partitions.join());
  }

  /** The latest windows, ascending. @param most - how many. @param now - ms since 1970. @param timed - does what keeps the thread busy. */
  async list(filter: WindowFilter, most: number, now: number, timed = untimed): Promise<WindowJson[]> {
    const rows = await this.#database.run((db) =>
      db
        .selectFrom("windows")
        .select(["start", "final_at", "figures", sql<string>`case when partition <> lane then body else '' end`.as("body")])
        .where("lane", "=", filter.lane)
        .where("size", "=", filter.size)
        .where("start", "in", latestStarts(db, filter, most))
        .orderBy("start")
        .orderBy("partition")
        .execute(),
    );
    const byStart = new Map<number, FoundWindow[]>();
    for (const row of rows) byStart.set(row.start, [...(byStart.get(row.start) ?? []), row]);
    return timed(() => Array.from(byStart.values(), (parts) => merged(filter.size, parts, now)));
  }

  /** The latest windows as one; undefined if there are none. @param most - how many. @param timed - does what keeps the thread busy. */
  async summary(filter: WindowFilter, most: number, timed = untimed): Promise<WindowSummary | undefined> {
    const sum = await this.#sum(filter, most, timed);
    const summary = timed(() => sum.summary());
    return summary === undefined ? undefined : { ...summary, worst: await this.linked(summary.worst) };
  }

  /** Their figures only. */
  async figures(filter: WindowFilter, most: number, timed = untimed): Promise<SummaryFigures | undefined> {
    const sum = await this.#sum(filter, most, timed);
    return timed(() => sum.figures());
  }

  async #sum(filter: WindowFilter, most: number, timed: Timed): Promise<WindowSum> {
    const { lane, size } = filter;
    const starts = await this.#database.run((db) => latestStarts(db, filter, most).execute());
    const sum = new WindowSum();
    for (let at = starts.length; at > 0; at -= SUMMED_AT_ONCE) {
      const some = starts.slice(Math.max(0, at - SUMMED_AT_ONCE), at).map(({ start }) => start);
      for (const { body, partition } of await this.#bodies(lane, size, some)) timed(() => sum.add(WINDOW_FORMAT.read(body), partition));
    }
    return sum;
  }

  /** Adds a link to the prediction of each row that came in through this gateway. */
  async linked<Row extends LinkedRow>(rows: readonly Row[]): Promise<Row[]> {
    if (rows.length === 0) return [];
    // PostgreSQL stores no NUL, so no row with one was taken.
    const ids = rows.map(({ id }) => id).filter((id) => !id.includes("\0"));
    const found = await this.#database.run((db) =>
      db
        .selectFrom("predictions")
        .select("id")
        .where("id", "in", [...ids, ""])
        .execute(),
    );
    const taken = new Set(found.map(({ id }) => id));
    return rows.map((row) => ({ ...row, prediction: taken.has(row.id) ? predictionPath(row.id) : null }));
  }

  async #bodies(lane: string, size: WindowSize, starts: readonly number[]): Promise<{ body: string; partition: string }[]> {
    return this.#database.run((db) =>
      db
        .selectFrom("windows")
        .select(["body", "partition"])
        .where("lane", "=", lane)
        .where("size", "=", size)
        .where("start", "in", starts)
        .orderBy("start")
        .orderBy("partition")
        .execute(),
    );
  }

  /**
   * Where the latest window of a size begins, ms since 1970; undefined if there is none. Without a bound those far in the future are passed
   * over, unless there are no others: one row with a wrong time would take over for good.
   *
   * @param before - it begins before this time. @param now - ms since 1970.
   */
  async latestStart(lane: string, size: WindowSize, before = Infinity, now = Date.now()): Promise<number | undefined> {
    if (before < Infinity) return this.#latestBefore(lane, size, before);
    return (await this.#latestBefore(lane, size, now + AHEAD_MS)) ?? this.#latestBefore(lane, size, before);
  }

  async #latestBefore(lane: string, size: WindowSize, before: number): Promise<number | undefined> {
    const row = await this.#database.run((db) =>
      db
        .selectFrom("windows")
        .select("start")
        .where("lane", "=", lane)
        .where("size", "=", size)
        .where("start", "<", before)
        .orderBy("start", "desc")
        .limit(1)
        .executeTakeFirst(),
    );
    return row?.start;
  }

  /** Lanes that have windows, by name. */
  async lanes(): Promise<string[]> {
    const rows = await this.#database.run((db) =>
      db.selectFrom("windows").select("lane").distinct().where("size", "=", "1d").orderBy("lane").execute(),
    );
    return rows.map(({ lane }) => lane);
  }

  /** Whether a lane has a window of any size. */
  async hasLane(lane: string): Promise<boolean> {
    const row = await this.#database.run((db) =>
      db.selectFrom("windows").select("lane").where("lane", "=", lane).limit(1).executeTakeFirst(),
    );
    return row !== undefined;
  }

  /** How many rows the days of a lane have: all that were ever counted. */
  async rows(lane: string): Promise<RowCounts> {
    const counted = await this.#database.run((db) =>
      sql<RowCounts>`
        select coalesce(sum((figures::json->>'predicted')::double precision), 0) as predicted,
          coalesce(sum((figures::json->>'labelled')::double precision), 0) as labelled
        from windows where lane = ${lane} and size = '1d'`.execute(db),
    );
    return counted.rows[0] ?? { predicted: 0, labelled: 0 };
  }
}

/** When the latest windows of a filter begin, backwards. A window has a row for each partition, so rows are no measure for a limit. */
function latestStarts(db: Kysely<Tables>, { lane, size, from, to }: WindowFilter, most: number) {
  return db
    .selectFrom("windows")
    .select("start")
    .distinct()
    .where("lane", "=", lane)
    .where("size", "=", size)
    .where("start", ">=", from)
    .where("start", "<", to)
    .orderBy("start", "desc")
    .limit(most);
}

/** A window of one or more partitions. */
function merged(size: WindowSize, parts: readonly FoundWindow[], now: number): WindowJson {
  const [first] = parts;
  const figures: Omit<WindowJson, "state"> = parts.length === 1 && first !== undefined ? JSON.parse(first.figures) : sumOf(parts);
  const { start, end } = figures;
  const finalAt = Math.max(...parts.map(({ final_at: at }) => at));
  const state = stateOf({ end: Date.parse(start) + lengthOf(size), finalAt, coverage: figures.coverage }, now);
  return Object.assign({ start, end, state }, figures);
}

function sumOf(parts: readonly FoundWindow[]): Omit<WindowJson, "state"> {
  const windows = parts.map(({ body }) => WINDOW_FORMAT.read(body));
  const [first] = windows;
  if (first === undefined) throw new RangeError("A window has no part.");
  const alarms = parts.flatMap(({ figures }): WindowJson["alarms"] => JSON.parse(figures).alarms);
  return windowFigures(mergedWindow(first, windows), alarms);
}
