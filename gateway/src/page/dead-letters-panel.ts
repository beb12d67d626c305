import type { DeadLettersEvent, ReasonGroupJson } from "@streamgauge/core/windows";
import { deadLettersText, groupText, otherText, reasonText, replayCommand } from "./dead-letter-texts.js";
import { element } from "./dom.js";
import { count } from "./format.js";
import { panelFrame } from "./panels/panel.js";

/** Kinds that are seen at once; the others are below, to be opened. */
const AT_ONCE = 6;

/** Messages that could not be used, by reason, with what to do. Hidden while there are none. */
export class DeadLettersPanel {
  readonly element: HTMLElement;
  readonly #texts = element("div");
  readonly #groups = element("ul", { className: "reasons" });
  readonly #more = element("ul", { className: "reasons" });
  readonly #moreSummary = element("summary");
  readonly #moreGroups = element("details", {}, [this.#moreSummary, this.#more]);
  readonly #other = element("p", { className: "note" });

  constructor() {
    const parts = [this.#texts, this.#groups, this.#moreGroups, this.#other];
    const head = { id: "dead-letters", title: "Dead letters", says: "messages that could not be used", isWhole: true };
    this.element = Object.assign(panelFrame(head, parts), { id: "dead-letters", hidden: true });
  }

  show(event: DeadLettersEvent | undefined): void {
    const isShown = event !== undefined && (event.waiting ?? event.groups.length) > 0;
    this.element.hidden = !isShown;
    if (!isShown) return;
    const { groups, is_kept: isKept } = event;
    this.#texts.replaceChildren(...deadLettersText(event).map((textContent) => element("p", { className: "note", textContent })));
    this.#groups.replaceChildren(...groups.slice(0, AT_ONCE).map((group) => groupElement(group, isKept)));
    this.#more.replaceChildren(...groups.slice(AT_ONCE).map((group) => groupElement(group, isKept)));
    this.#moreGroups.hidden = groups.length <= AT_ONCE;
    this.#moreSummary.textContent = `${count(groups.length - AT_ONCE)} more kinds of reasons`;
    this.#other.textContent = otherText(event.other);
  }
}

/** @param isKept - whether they can be sent back. */
function groupElement(group: ReasonGroupJson, isKept: boolean): HTMLElement {
  const command = isKept ? replayCommand(group) : undefined;
  return element("li", {}, [
    element("p", { className: "reason", textContent: reasonText(group) }),
    element("p", { className: "note", textContent: groupText(group) }),
    ...(group.example === "" ? [] : [element("p", { className: "note", textContent: `Such as ${group.example}` })]),
    ...(command === undefined ? [] : [element("pre", { tabIndex: 0 }, [element("code", { textContent: command })])]),
  ]);
}
