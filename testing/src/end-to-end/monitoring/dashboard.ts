import { readFileSync } from "node:fs";
import { builtFile } from "../../built-file.js";

/** What a panel, an annotation or a variable asks a data source for. */
export interface Target {
  readonly refId: string;
  /** To Prometheus. */
  readonly expr?: string;
  /** To PostgreSQL. */
  readonly rawSql?: string;
  readonly format?: "time_series" | "table";
}

export interface DataSourceRef {
  readonly type: string;
  readonly uid: string;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: DataSourceRef;
  readonly targets?: readonly Target[];
  readonly fieldConfig?: {
    readonly defaults: { readonly unit?: string };
    readonly overrides: readonly { readonly matcher: { readonly id: string; readonly options: string } }[];
  };
  readonly options?: { readonly reduceOptions?: { readonly fields?: string } };
}

export interface Variable {
  readonly name: string;
  readonly type: "datasource" | "query" | "custom";
  readonly query: string | { readonly query: string };
  readonly datasource?: DataSourceRef;
  readonly current: { readonly value: string };
}

export interface Annotation {
  readonly name: string;
  readonly datasource: DataSourceRef;
  readonly target: Target;
}

/** What these tests look at of a dashboard in Grafana's classic model. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
  readonly annotations: { readonly list: readonly Annotation[] };
}

export const DASHBOARDS = ["operation", "windows"] as const;

export function readDashboard(name: (typeof DASHBOARDS)[number]): Dashboard {
  return JSON.parse(readFileSync(builtFile(`deploy/grafana/dashboards/${name}.json`), "utf8"));
}

/** A query as it stands in a dashboard. */
export interface Query {
  /** The panel, annotation or variable, for messages of a test. */
  readonly of: string;
  readonly text: string;
  readonly format: "time_series" | "table" | "annotation" | "variable";
}

/** Every query of a dashboard: of panels, annotations and variables. */
export function queriesOf({ panels, annotations, templating }: Dashboard): Query[] {
  const textOf = ({ expr, rawSql }: Target) => expr ?? rawSql ?? "";
  return [
    ...panels.flatMap(({ title, targets = [] }) =>
      targets.map((target) => ({
        of: `${title} ${target.refId}`,
        text: textOf(target),
        format: target.format ?? ("time_series" as const),
      })),
    ),
    ...annotations.list.map(({ name, target }) => ({ of: `annotation ${name}`, text: textOf(target), format: "annotation" as const })),
    ...templating.list
      .filter(({ type }) => type === "query")
      .map(({ name, query }) => ({
        of: `variable ${name}`,
        text: typeof query === "string" ? query : query.query,
        format: "variable" as const,
      })),
  ];
}
