import { readFileSync } from "node:fs";
import { linkedScript } from "./linked-script.js";

/** What is the same in every report. */
export interface ReportParts {
  readonly template: string;
  readonly script: string;
  readonly style: string;
  /** The sign of Streamgauge as SVG. */
  readonly icon: string;
}

/** The same places from `src` and from `dist`. */
const ASSETS = new URL("../../assets/", import.meta.url);
const SCRIPTS = new URL("../../dist/report-page/", import.meta.url);

let parts: ReportParts | undefined;

/** Read once. */
export function reportParts(): ReportParts {
  return (parts ??= {
    template: textOf(new URL("report/report.html", ASSETS)),
    script: `${textOf(inUplot("uPlot.iife.min.js"))}\n${linkedScript("report.js", (name) => textOf(new URL(name, SCRIPTS)))}`,
    style: [inUplot("uPlot.min.css"), new URL("page/page.css", ASSETS), new URL("report/report.css", ASSETS)].map(textOf).join("\n"),
    icon: textOf(new URL("page/icon.svg", ASSETS)).replace("<svg", '<svg aria-hidden="true" width="24" height="24"'),
  });
}

function inUplot(name: string): URL {
  return new URL(import.meta.resolve(`uplot/dist/${name}`));
}

/** A browser hashes text as it reads it, with its line ends as "\n". */
function textOf(url: URL): string {
  return readFileSync(url, "utf8").replaceAll("\r\n", "\n");
}
