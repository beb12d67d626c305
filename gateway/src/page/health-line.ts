import { at, element, setText } from "./dom.js";
import { healthFrom, type Problem } from "./health.js";
import type { LiveState } from "./live-state.js";

const LOST: Problem = {
  what: "The gateway does not answer",
  remedy: "What is shown was so when it answered last. This page connects again by itself.",
};

/** Shows how everything is in one line, what to do about what is wrong, and all that was looked at. */
export function showHealth({ health, connection }: Pick<LiveState, "health" | "connection">): void {
  if (health === undefined) return;
  const { problems, facts, details } = healthFrom(health);
  showVerdict(connection === "reconnecting" ? [LOST] : problems);
  setText(at("health-facts", HTMLElement), facts.join(" · "));
  at("health-details", HTMLElement).replaceChildren(
    ...details.map(([name, value]) => element("div", {}, [element("dt", { textContent: name }), element("dd", { textContent: value })])),
  );
}

/** Replaces it only if it is another one: a screen reader reads it out then. */
function showVerdict(problems: readonly Problem[]): void {
  const place = at("health", HTMLElement);
  const key = JSON.stringify(problems);
  if (place.dataset["said"] === key) return;
  place.dataset["said"] = key;
  place.dataset["state"] = problems.length === 0 ? "good" : "bad";
  at("health-verdict", HTMLElement).textContent = problems.length === 0 ? "All is well" : "Not all is well";
  at("problems", HTMLElement).replaceChildren(
    ...problems.map(({ what, remedy, place: of }) => {
      const link = of === undefined ? [] : [" ", element("a", { href: of.href, textContent: of.title })];
      return element("li", {}, [element("strong", { textContent: `${what}. ` }), remedy, ...link]);
    }),
  );
}
