/** How many times as large charts are drawn on paper, which has more dots to an inch than a screen. */
const ON_PAPER = 3;

const root = document.documentElement;
const redraws: (() => void)[] = [];

/** Calls `redraw` when what is drawn must look otherwise: in other colours, or on paper. */
export function onLookChange(redraw: () => void): void {
  redraws.push(redraw);
}

/** How many times as large a chart is drawn as it is shown. */
export function drawingScale(): number {
  return root.dataset["printing"] === undefined ? 1 : ON_PAPER;
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
// The style sheet gives a page that is being printed the width and the colours of paper: a browser lays it out so only after this event.
addEventListener("beforeprint", () => {
  root.dataset["printing"] = "";
  redrawAll();
});
addEventListener("afterprint", () => {
  delete root.dataset["printing"];
  redrawAll();
});

function redrawAll(): void {
  for (const redraw of redraws) redraw();
}
