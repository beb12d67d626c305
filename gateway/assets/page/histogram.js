const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 800;
const HEIGHT = 240;
const MARGIN = { left: 56, right: 8, top: 8, bottom: 36 };

/** A histogram of absolute errors as SVG. @param bins - side by side; `to` of the last is null if it collects a heavy tail. */
export function histogram(bins) {
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const inner = { width: WIDTH - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };
  const step = inner.width / bins.length;
  const base = MARGIN.top + inner.height;
  const picture = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": "Histogram of absolute errors" });
  picture.append(shape("line", { x1: MARGIN.left, x2: WIDTH - MARGIN.right, y1: base, y2: base }));
  const every = Math.ceil(bins.length / 10);
  for (const [i, { from, to, count }] of bins.entries()) {
    const height = (count / most) * inner.height;
    const x = MARGIN.left + i * step;
    const bar = shape("rect", { x: x + 1, y: base - height, width: Math.max(1, step - 2), height });
    bar.append(shape("title", {}, `${to === null ? `from ${from}` : `${from} to ${to}`}: ${count.toLocaleString("en")} rows`));
    picture.append(bar);
    if (to === null) picture.append(shape("text", { x: x + step / 2, y: base + 14, "text-anchor": "middle" }, `≥ ${from}`));
    // The label of the tail needs the room of its neighbour.
    else if (i % every === 0 && (bins.at(-1).to !== null || i < bins.length - 2))
      picture.append(shape("text", { x, y: base + 14, "text-anchor": "middle" }, String(from)));
  }
  picture.append(shape("text", { x: MARGIN.left - 6, y: MARGIN.top + 10, "text-anchor": "end" }, most.toLocaleString("en")));
  picture.append(shape("text", { x: MARGIN.left - 6, y: base, "text-anchor": "end" }, "0"));
  picture.append(shape("text", { x: MARGIN.left + inner.width / 2, y: HEIGHT - 4, "text-anchor": "middle" }, "absolute error"));
  return picture;
}

function shape(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  if (text !== undefined) made.textContent = text;
  return made;
}
