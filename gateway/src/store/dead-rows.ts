import { sql, type Kysely } from "kysely";
import type { Tables } from "./schema.js";

/**
 * Frees the room of rows that were replaced or removed, in tables that have many of them: more than 50 and a fifth of the living ones, as
 * PostgreSQL's autovacuum does by default. PGlite has no autovacuum: without this its files grow with each window that is stored again.
 *
 * @returns the names of these tables.
 */
export async function freeDeadRows(db: Kysely<Tables>): Promise<string[]> {
  const { rows } = await sql<{ readonly name: string }>`
    select tables.relname as name
    from pg_class as tables
      join pg_stat_user_tables as own on own.relid = tables.oid
      left join pg_stat_all_tables as long_values on long_values.relid = tables.reltoastrelid
    where own.n_dead_tup > 50 + 0.2 * own.n_live_tup
      or long_values.n_dead_tup > 50 + 0.2 * long_values.n_live_tup`.execute(db);
  for (const { name } of rows) await sql`vacuum ${sql.table(name)}`.execute(db);
  return rows.map(({ name }) => name);
}
