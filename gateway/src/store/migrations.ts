import { Migrator, sql, type Kysely, type Migration } from "kysely";
import type { Tables } from "./schema.js";

/** In order. A released migration never changes. */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  "0001-predictions": {
    async up(db: Kysely<unknown>) {
      await sql`
        create table predictions (
          id text primary key,
          created_at timestamptz not null,
          expires_at timestamptz not null,
          status text not null check (status in ('pending', 'succeeded', 'failed')),
          features text not null,
          y_pred double precision,
          model text,
          answered_at timestamptz,
          y_true double precision,
          absolute_error double precision generated always as (abs(y_true - y_pred)) stored,
          reason text
        )`.execute(db);
      await sql`create index predictions_by_time on predictions (created_at desc, id desc)`.execute(db);
      await sql`create index predictions_pending on predictions (created_at) where status = 'pending'`.execute(db);
    },
  },
  "0002-jobs": {
    async up(db: Kysely<unknown>) {
      await sql`
        create table jobs (
          id text primary key,
          name text not null,
          created_at timestamptz not null,
          status text not null check (status in ('uploading', 'created', 'running', 'succeeded', 'failed', 'cancelled')),
          rows integer not null,
          chunks integer not null,
          next_chunk integer not null,
          done integer not null,
          failed integer not null,
          started_at timestamptz,
          finished_at timestamptz,
          reason text
        )`.execute(db);
      await sql`create index jobs_by_time on jobs (created_at desc, id desc)`.execute(db);
      await sql`
        create table job_chunks (
          job_id text not null references jobs on delete cascade,
          n integer not null,
          first_row integer not null,
          rows integer not null,
          body bytea not null,
          content_type text not null,
          ids text,
          y_true bytea,
          y_pred bytea,
          reason text,
          model text,
          primary key (job_id, n)
        )`.execute(db);
      // Arrow does not compress well, and is read once.
      await sql`alter table job_chunks alter column body set storage external`.execute(db);
    },
  },
  // abs(y_true - y_pred) fails in PostgreSQL if it exceeds a double; such a row has no absolute error.
  "0003-errors-beyond-doubles": {
    async up(db: Kysely<unknown>) {
      await sql`
        alter table predictions drop column absolute_error,
          add column absolute_error double precision generated always as (
            case when abs(y_true) < 8e307 and abs(y_pred) < 8e307 then abs(y_true - y_pred) end
          ) stored`.execute(db);
    },
  },
  "0004-rows-without-labels": {
    async up(db: Kysely<unknown>) {
      await sql`alter table job_chunks add column unlabelled integer not null default 0`.execute(db);
      await sql`update job_chunks set unlabelled = rows where y_true is null`.execute(db);
    },
  },
  "0005-reason-of-each-row": {
    async up(db: Kysely<unknown>) {
      await sql`alter table job_chunks add column reasons text`.execute(db);
    },
  },
  "0006-cells-as-written": {
    async up(db: Kysely<unknown>) {
      await sql`alter table job_chunks add column as_written boolean not null default false`.execute(db);
    },
  },
  "0007-columns-of-python-floats": {
    async up(db: Kysely<unknown>) {
      await sql`alter table job_chunks add column python_floats text`.execute(db);
    },
  },
  "0008-windows": {
    async up(db: Kysely<unknown>) {
      await sql`
        create table windows (
          lane text not null,
          partition text not null,
          size text not null,
          start double precision not null,
          epoch double precision not null,
          revision double precision not null,
          final_at double precision not null,
          body text not null,
          figures text not null,
          primary key (partition, size, start)
        )`.execute(db);
      await sql`create index windows_by_time on windows (lane, size, start)`.execute(db);
    },
  },
  // Not a timestamptz, which ends at 4713 BC.
  "0009-event-times": {
    async up(db: Kysely<unknown>) {
      await sql`alter table predictions add column event_time double precision`.execute(db);
    },
  },
  // An absolute error is by the label in force. A correction is no label while the row has none.
  "0010-corrections": {
    async up(db: Kysely<unknown>) {
      await sql`
        alter table predictions drop column absolute_error,
          add column corrected_y_true double precision,
          add column corrected_at double precision`.execute(db);
      await sql`
        alter table predictions add column absolute_error double precision generated always as (
          case when y_true is not null and abs(coalesce(corrected_y_true, y_true)) < 8e307 and abs(y_pred) < 8e307
            then abs(coalesce(corrected_y_true, y_true) - y_pred) end
        ) stored`.execute(db);
    },
  },
  // Windows have more figures. Metrics sends all of them when the gateway has started.
  "0011-windows-with-more-figures": {
    async up(db: Kysely<unknown>) {
      await sql`delete from windows`.execute(db);
    },
  },
  "0012-inferences": {
    async up(db: Kysely<unknown>) {
      await sql`
        create table inferences (
          id text primary key,
          rows integer not null,
          created_at timestamptz not null,
          expires_at timestamptz not null,
          answered_at timestamptz,
          features bytea not null,
          event_times bytea,
          answers bytea not null,
          model text not null,
          other_models text,
          reasons text,
          succeeded integer not null,
          failed integer not null,
          labels bytea,
          least_error double precision,
          greatest_error double precision
        )`.execute(db);
      await sql`create index inferences_by_time on inferences (created_at desc, id desc)`.execute(db);
      // Packed already: to compress them takes longer than to write them.
      await sql`alter table inferences alter column features set storage external, alter column answers set storage external`.execute(db);
    },
  },
  // Windows know the intervals of their predictions. Metrics sends all of them when the gateway has started.
  "0013-intervals": {
    async up(db: Kysely<unknown>) {
      await sql`alter table predictions add column half_width double precision`.execute(db);
      await sql`delete from windows`.execute(db);
    },
  },
  "0014-windows-of-features": {
    async up(db: Kysely<unknown>) {
      await sql`
        create table feature_windows (
          lane text not null,
          partition text not null,
          model text not null,
          layout text not null,
          start double precision not null,
          epoch double precision not null,
          revision double precision not null,
          predicted double precision not null,
          labelled double precision not null,
          body text not null,
          primary key (partition, model, layout, start)
        )`.execute(db);
      await sql`create index feature_windows_by_lane on feature_windows (lane, start)`.execute(db);
      await sql`create table feature_references (hash text primary key, body text not null)`.execute(db);
    },
  },
};

/** Updates the tables under a database lock: if several gateways start together, one migrates. */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } });
  const { error } = await migrator.migrateToLatest();
  const [, later] = error instanceof Error ? (/previously executed migration (\S+) is missing/.exec(error.message) ?? []) : [];
  if (later !== undefined)
    throw new Error(`The database was brought up to date (${later}) by a later version of this program: use that, or another database.`);
  if (error !== undefined)
    throw error instanceof Error ? error : new Error("The tables could not be brought up to date.", { cause: error });
}
