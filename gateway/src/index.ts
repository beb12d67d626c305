export { fittingReport, type FittingReport } from "./report/fitting-report.js";
export type { ReportAlarm, ReportContent } from "./page/report/report-data.js";
export type { Gateway } from "./service.js";
export { SETTINGS, start } from "./start.js";
