import type { WindowSummary } from "@streamgauge/core/windows";
import { element, fillTable } from "../dom.js";
import { axisFigure, count, counted, figureOf, moment } from "../format.js";
import { binText, drawnBars, type Bar } from "./bars.js";
import { Drawing } from "./drawing.js";
import { figuresTable } from "./figures-table.js";
import { panelFrame, type Medium, type Panel, type PanelHead, type PanelMaker, type View } from "./panel.js";

type Sign = "absolute" | "signed";

/** How the errors of the range are distributed: chosen with or without their sign on the live page, both in a report. */
export const histogramPanels: PanelMaker = (medium) =>
  medium === "live" ? [livePanel()] : [frozenPanel("absolute"), frozenPanel("signed")];

function frozenPanel(sign: Sign): Panel {
  const title = sign === "signed" ? "Errors with their sign" : "Absolute errors";
  const says = sign === "signed" ? "prediction − truth" : "|prediction − truth|";
  return histogram({ id: `${sign}-histogram`, title, says }, "report", () => sign);
}

function livePanel(): Panel {
  const signed = element("input", { type: "radio", name: "sign", id: "signed" });
  const absolute = element("input", { type: "radio", name: "sign", checked: true });
  const signs = element("fieldset", { id: "signs" }, [
    element("legend", { className: "unseen", textContent: "Errors" }),
    element("label", {}, [absolute, "absolute"]),
    element("label", {}, [signed, "with their sign"]),
  ]);
  const link = element("a", { id: "summary-link", href: "/windows/summary", textContent: "All figures of the range as JSON" });
  const panel = histogram({ id: "histogram", title: "Errors of the range" }, "live", () => (signed.checked ? "signed" : "absolute"));
  panel.element.querySelector("h2")?.after(signs);
  panel.element.append(element("p", { className: "note" }, [link]));
  let latest: View | undefined;
  signs.addEventListener("change", () => latest !== undefined && panel.show(latest));
  return {
    element: panel.element,
    show: (view) => {
      latest = view;
      panel.show(view);
      link.href = view.links?.summary ?? "/windows/summary";
    },
  };
}

function histogram(head: PanelHead, medium: Medium, signOf: () => Sign): Panel {
  const place = element("div", { id: head.id, className: "drawing" });
  const note = element("p", { className: "note range" });
  const table = figuresTable({ id: `${head.id}-rows`, caption: head.title, columns: ["Error", "Rows"] }, medium);
  const drawing = new Drawing(place);
  let shown: readonly [View["summary"], Sign] | undefined;
  return {
    element: panelFrame(head, [place, note, table.element]),
    show: ({ summary }) => {
      const sign = signOf();
      if (shown?.[0] === summary && shown?.[1] === sign) return;
      shown = [summary, sign];
      const bins = summary?.[sign] ?? [];
      const bars = bins.map((bin): Bar => ({ ...bin, value: bin.count, title: `${binText(bin)}: ${counted(bin.count, "row")}` }));
      const label = `Histogram of the ${sign} errors; its figures are in the table below.`;
      drawing.show(drawnBars(bars, { label, axis: sign === "signed" ? "prediction − truth" : "absolute error", textOf: axisFigure }));
      note.textContent = rangeText(summary ?? null);
      fillTable(
        table.body,
        bins.filter((bin) => bin.count > 0).map((bin) => [binText(bin), count(bin.count)]),
      );
    },
  };
}

function rangeText(summary: WindowSummary | null): string {
  if (summary === null) return "";
  return `${counted(summary.labelled, "labelled row")} from ${moment(summary.start)} to ${moment(summary.end)} UTC; MAE ${figureOf(summary, "mae")}, bias ${figureOf(summary, "bias")}, p95 ${figureOf(summary, "p95")}`;
}
