import { at, element, fillTable, setText } from "./dom.js";
import { makePanels } from "./panels/panels.js";
import { scrollRegion, tableElement } from "./panels/figures-table.js";
import { emptyText, factsOf, type Fact } from "./report/facts.js";
import { meanings } from "./report/meanings.js";
import { unpackReport, type ReportContent } from "./report/report-data.js";
import { reportTables, type ReportTable } from "./report/report-tables.js";
import { reportTiles } from "./report/report-tiles.js";
import { tileElements } from "./tile-elements.js";

show(unpackReport(JSON.parse(at("data", HTMLScriptElement).text)));

function show(content: ReportContent): void {
  const isEmpty = content.windows.length === 0;
  const empty = at("empty", HTMLElement);
  empty.hidden = !isEmpty;
  setText(empty, isEmpty ? emptyText(content) : "");
  at("range", HTMLElement).hidden = isEmpty;
  at("facts", HTMLElement).replaceChildren(...termsOf(factsOf(content)));
  at("tiles", HTMLElement).replaceChildren(...tileElements(reportTiles(content)));
  if (!isEmpty) showPanels(content);
  at("tables", HTMLElement).replaceChildren(...(isEmpty ? [] : reportTables(content).map(tablePanel)));
  at("meanings", HTMLElement).replaceChildren(...termsOf(meanings(content.metrics)));
  at("commands", HTMLElement).replaceChildren(
    ...content.commands.flatMap(({ what, command }) => [
      element("p", { textContent: what }),
      element("pre", {}, [element("code", { textContent: command })]),
    ]),
  );
}

function showPanels({ model, windows, summary, drift, segments }: ReportContent): void {
  const panels = makePanels("report");
  // A chart needs the width of its place.
  at("panels", HTMLElement).replaceChildren(...panels.map((panel) => panel.element));
  // Beside each other they take less room than each below its chart.
  at("bins", HTMLElement).replaceChildren(...panels.flatMap((panel) => [...panel.element.querySelectorAll("details")]));
  for (const panel of panels)
    panel.show({ choice: { metric: "mae", model }, windows, summary, ...(drift === null ? {} : { features: { drift, segments } }) });
}

function tablePanel({ id, title, note, columns, rows }: ReportTable): HTMLElement {
  const { table, body } = tableElement({ id: `${id}-rows`, caption: title, columns });
  fillTable(body, rows);
  const heading = element("h2", { id: `${id}-heading`, textContent: title });
  const content = rows.length === 0 ? element("p", { textContent: "There are none." }) : scrollRegion(title, table);
  const section = element("section", { id, className: "panel" }, [
    heading,
    element("p", { className: "note", textContent: note }),
    content,
  ]);
  section.setAttribute("aria-labelledby", heading.id);
  return section;
}

function termsOf(facts: readonly Fact[]): HTMLElement[] {
  return facts.map(([name, text]) => element("div", {}, [element("dt", { textContent: name }), element("dd", { textContent: text })]));
}
