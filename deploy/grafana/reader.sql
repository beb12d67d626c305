-- Makes, or updates, the role with which Grafana reads the windows in the gateway's database, and nothing else. As the owner of the tables:
--   GRAFANA_READER_PASSWORD=… psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -f deploy/grafana/reader.sql
\getenv password GRAFANA_READER_PASSWORD
select not exists (select from pg_roles where rolname = 'streamgauge_reader') as missing \gset
\if :missing
create role streamgauge_reader;
\endif
alter role streamgauge_reader login password :'password' connection limit 8;
alter role streamgauge_reader set default_transaction_read_only = on;
-- A query of a dashboard takes milliseconds; the gateway must not wait for one that does not.
alter role streamgauge_reader set statement_timeout = '30s';
grant usage on schema public to streamgauge_reader;
grant select on windows to streamgauge_reader;
