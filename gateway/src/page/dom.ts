import { printable } from "./printable.js";

/** Texts from the gateway are only ever set as text, never as markup, and every character of them is seen. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  children: readonly (Node | string)[] = [],
): HTMLElementTagNameMap[K] {
  const made = Object.assign(document.createElement(name), properties);
  const { textContent, title } = properties;
  if (typeof textContent === "string") made.textContent = printable(textContent);
  if (typeof title === "string") made.title = printable(title);
  made.append(...children.map((child) => (typeof child === "string" ? printable(child) : child)));
  return made;
}

/** Replaces the text of an element of the page. */
export function setText(place: Element, text: string): void {
  place.textContent = printable(text);
}

/** Sets attributes that are no properties, such as ARIA's in some browsers. @returns the element. */
export function withAttributes<T extends Element>(made: T, attributes: Readonly<Record<string, string>>): T {
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, printable(value));
  return made;
}

/** The element of the page with this id, which is of this kind. @throws TypeError if the page has none. */
export function at<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new TypeError(`The page has no ${kind.name} #${id}.`);
}

const SVG = "http://www.w3.org/2000/svg";

/** An element of a drawing. */
export function shape<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string | number>>,
  text?: string,
): SVGElementTagNameMap[K] {
  const made = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, String(value));
  if (text !== undefined) setText(made, text);
  return made;
}

/** Replaces the rows of a table. @param rows - texts of their cells; the first is the head of its row. */
export function fillTable(body: HTMLTableSectionElement, rows: readonly (readonly string[])[]): void {
  body.replaceChildren(
    ...rows.map((cells) =>
      element(
        "tr",
        {},
        cells.map((textContent, i) => (i === 0 ? element("th", { scope: "row", textContent }) : element("td", { textContent }))),
      ),
    ),
  );
}

/** Replaces the options of a select, if they are others than before. */
export function fillSelect(select: HTMLSelectElement, options: readonly (readonly [value: string, text: string])[], value: string): void {
  const drawn = JSON.stringify(options);
  if (select.dataset["drawn"] !== drawn) {
    select.replaceChildren(...options.map(([each, textContent]) => element("option", { value: each, textContent })));
    select.dataset["drawn"] = drawn;
  }
  select.value = value;
}
