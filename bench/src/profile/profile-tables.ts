import type { CaseResult } from "../report/case-result.js";
import type { Table } from "../report/table.js";
import { STAGES } from "./stages.js";

const SERVICES = ["features", "model", "metrics", "plot"];

/** Where a case's time went: by stage, and the functions that took most of it. */
export function profileTables({ name, profile }: CaseResult): Table[] {
  if (profile === undefined) return [];
  const { us_per_row, top_functions } = profile;
  const services = SERVICES.filter((service) => us_per_row[service] !== undefined);
  const figure = (value: number | undefined) => (value === undefined ? "–" : value.toFixed(value < 10 ? 2 : 1));
  const stages = STAGES.filter((stage) => services.some((service) => (us_per_row[service]?.[stage] ?? 0) >= 0.005));
  const sum = (service: string) => Object.values(us_per_row[service] ?? {}).reduce((total, us) => total + us, 0);
  return [
    {
      title: `Where the time goes in ${name}, µs a row`,
      header: ["stage", ...services],
      rows: [
        ...stages.map((stage) => [stage, ...services.map((service) => figure(us_per_row[service]?.[stage]))]),
        ["all", ...services.map((service) => figure(sum(service)))],
      ],
    },
    ...services.map((service) => ({
      title: `Functions of ${service} in ${name}, by the time in themselves`,
      header: ["function", "share"],
      rows: (top_functions[service] ?? []).map(({ name: functionName, where, share }) => [
        `${functionName} ${where}`,
        `${(share * 100).toFixed(1)} %`,
      ]),
    })),
  ];
}
