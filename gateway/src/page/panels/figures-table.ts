import { element, withAttributes } from "../dom.js";
import type { Medium } from "./panel.js";

export interface TableHead {
  /** Of its body. */
  readonly id: string;
  /** What it has. */
  readonly caption: string;
  readonly columns: readonly string[];
}

/** A table below a chart: to be opened on the live page, open in a report. */
export interface FiguresTable {
  readonly element: HTMLDetailsElement;
  readonly body: HTMLTableSectionElement;
}

export function figuresTable(head: TableHead, medium: Medium): FiguresTable {
  const { table, body } = tableElement(head);
  const scrolled = scrollRegion(head.caption, table);
  const details = element("details", { open: medium === "report" }, [
    element("summary", { textContent: `${head.caption} as a table` }),
    scrolled,
  ]);
  return { element: details, body };
}

/** A table with its heads, without rows. */
export function tableElement({ id, caption, columns }: TableHead): { table: HTMLTableElement; body: HTMLTableSectionElement } {
  const body = element("tbody", { id });
  const heads = columns.map((textContent) => element("th", { scope: "col", textContent }));
  const table = element("table", {}, [
    element("caption", { className: "unseen", textContent: caption }),
    element("thead", {}, [element("tr", {}, heads)]),
    body,
  ]);
  return { table, body };
}

/** A table that may be wider or longer than its place; scrolled with the keyboard too. */
export function scrollRegion(caption: string, table: Node): HTMLElement {
  return withAttributes(element("div", { className: "scroll", tabIndex: 0 }, [table]), {
    role: "region",
    "aria-label": `${caption} as a table`,
  });
}
