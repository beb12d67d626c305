import {
  FEATURE_WINDOW_FORMAT,
  isMonitoredReference,
  type FeatureWindowMessage,
  type MonitoredReference,
  type SavedFeatureWindow,
} from "@streamgauge/core";
import { keptFrom } from "@streamgauge/core/windows";
import { sql, type Kysely } from "kysely";
import type { Database } from "./database.js";
import type { Tables } from "./schema.js";
import { storable } from "./storable.js";

/** Hours that are read at once: few, because reading one takes some ms, in which the gateway answers nobody. */
const READ_AT_ONCE = 10;

/** Which hours to look at. */
export interface FeatureWindowFilter {
  readonly lane: string;
  /** Hours that begin at this time or later, and before `to`; ms since 1970. */
  readonly from: number;
  readonly to: number;
}

/** Hours that can be added up: of one model version, with codes of one layout. */
export interface FeatureVersion {
  readonly model: string;
  readonly layout: string;
}

/** The windows of features in the database, each as its partition sent it last, and the references that their bins are of. */
export class FeatureWindowStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Stores what is newer than what is there, and removes what is no longer kept. @throws if `signal` is aborted first. */
  async put({ lane, partition, epoch, watermark, references, windows }: FeatureWindowMessage, signal: AbortSignal): Promise<void> {
    const rows = windows.map((window) => {
      const { model, layout, start, revision, predicted, labelled } = window;
      const names = { model: storable(model), layout };
      return { ...names, start, revision, predicted, labelled, body: storable(FEATURE_WINDOW_FORMAT.write(window)) };
    });
    const given = references.map((reference) => ({ hash: reference.hash, body: storable(JSON.stringify(reference)) }));
    await this.#database.runUntilDone(async (db) => {
      await sql`
        insert into feature_references (hash, body)
        select hash, body from json_to_recordset(${JSON.stringify(given)}::json) as given (hash text, body text)
        on conflict (hash) do nothing`.execute(db);
      await sql`
        insert into feature_windows (lane, partition, model, layout, start, epoch, revision, predicted, labelled, body)
        select ${lane}, ${partition}, model, layout, start, ${epoch}, revision, predicted, labelled, body
        from json_to_recordset(${JSON.stringify(rows)}::json) as given (model text, layout text, start double precision,
          revision double precision, predicted double precision, labelled double precision, body text)
        on conflict (partition, model, layout, start) do update set
          epoch = excluded.epoch, revision = excluded.revision, predicted = excluded.predicted, labelled = excluded.labelled, body = excluded.body
        where (excluded.epoch, excluded.revision) > (feature_windows.epoch, feature_windows.revision)`.execute(db);
      const from = keptFrom("1h", watermark);
      if (Number.isFinite(from))
        await db.deleteFrom("feature_windows").where("partition", "=", partition).where("start", "<", from).execute();
    }, signal);
  }

  /** The version of the latest hour: of several, that with the most rows. @param model - only of this one. */
  async latestVersion(filter: FeatureWindowFilter, model?: string): Promise<FeatureVersion | undefined> {
    return this.#database.run((db) => {
      const found = hoursOf(db, filter).select(["model", "layout"]).orderBy("start", "desc").orderBy("predicted", "desc").limit(1);
      return (model === undefined ? found : found.where("model", "=", storable(model))).executeTakeFirst();
    });
  }

  /** Model versions with windows, the latest first. */
  async models(filter: FeatureWindowFilter): Promise<string[]> {
    const rows = await this.#database.run((db) =>
      hoursOf(db, filter)
        .select(["model", sql<number>`max(start)`.as("latest")])
        .groupBy("model")
        .orderBy("latest", "desc")
        .execute(),
    );
    return rows.map(({ model }) => model);
  }

  /** Where the first and the last hour with labelled rows of a version begin, ms since 1970; null if it has none. */
  async labelledHours(
    filter: FeatureWindowFilter,
    { model, layout }: FeatureVersion,
  ): Promise<{ first: number | null; last: number | null }> {
    return this.#database.run((db) =>
      hoursOf(db, filter)
        .where("model", "=", model)
        .where("layout", "=", layout)
        .where("labelled", ">", 0)
        .select([sql<number | null>`min(start)`.as("first"), sql<number | null>`max(start)`.as("last")])
        .executeTakeFirstOrThrow(),
    );
  }

  /** The latest hours of a version, ascending, those of several partitions side by side. @param most - how many. */
  async *hours(filter: FeatureWindowFilter, { model, layout }: FeatureVersion, most: number): AsyncGenerator<SavedFeatureWindow> {
    const ofVersion = (db: Kysely<Tables>) => hoursOf(db, filter).where("model", "=", model).where("layout", "=", layout);
    const found = await this.#database.run((db) => ofVersion(db).select("start").distinct().orderBy("start", "desc").limit(most).execute());
    for (let at = found.length; at > 0; at -= READ_AT_ONCE) {
      const starts = found.slice(Math.max(0, at - READ_AT_ONCE), at).map(({ start }) => start);
      const rows = await this.#database.run((db) =>
        ofVersion(db).select("body").where("start", "in", starts).orderBy("start").orderBy("partition").execute(),
      );
      for (const { body } of rows) yield FEATURE_WINDOW_FORMAT.read(body);
    }
  }

  /** The reference that the bins of a layout are of; undefined if it has not come. */
  async reference({ layout }: Pick<FeatureVersion, "layout">): Promise<MonitoredReference | undefined> {
    const [hash = ""] = layout.split(" ");
    const row = await this.#database.run((db) =>
      db.selectFrom("feature_references").select("body").where("hash", "=", hash).executeTakeFirst(),
    );
    const value: unknown = row === undefined ? undefined : JSON.parse(row.body);
    return isMonitoredReference(value) ? value : undefined;
  }
}

function hoursOf(db: Kysely<Tables>, { lane, from, to }: FeatureWindowFilter) {
  return db.selectFrom("feature_windows").where("lane", "=", lane).where("start", ">=", from).where("start", "<", to);
}
