/** The range that a dashboard shows, in s since 1970, and the values of its variables. */
export interface Shown {
  readonly from: number;
  readonly to: number;
  readonly values: Readonly<Record<string, string | readonly string[]>>;
}

/** A step of the chart, and the window of a rate: four scrapes or more. */
const INTERVAL = "30s";

/** The query as Grafana sends it to Prometheus: https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/ */
export function expandPromql(text: string, values: Readonly<Record<string, string>>): string {
  const labels = /^label_values\((.+), (\w+)\)$/.exec(text);
  const query = labels === null ? text : `count by (${labels[2]}) (${labels[1]})`;
  return expanded(query.replaceAll("$__rate_interval", INTERVAL).replaceAll("$__interval", INTERVAL), /\$(\w+)/g, (name) => values[name]);
}

/** The query as Grafana sends it to PostgreSQL: https://grafana.com/docs/grafana/latest/datasources/postgres/query-editor/ */
export function expandSql(text: string, { from, to, values }: Shown): string {
  const query = text.replaceAll("$__unixEpochFrom()", String(Math.floor(from))).replaceAll("$__unixEpochTo()", String(Math.floor(to)));
  return expanded(query, /\$\{(\w+):sqlstring\}/g, (name) => {
    const value = values[name];
    return value === undefined ? undefined : [value].flat().map(quoted).join(",");
  });
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** @throws if something is left that only Grafana would understand. */
function expanded(text: string, variable: RegExp, valueOf: (name: string) => string | undefined): string {
  const query = text.replaceAll(variable, (_, name: string) => {
    const value = valueOf(name);
    if (value === undefined) throw new Error(`${text} names ${name}, which is no variable of the dashboard.`);
    return value;
  });
  if (query.includes("$")) throw new Error(`${query} has a macro that this test does not know.`);
  return query;
}
