const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 800;
const HEIGHT = 240;
const MARGIN = { left: 56, right: 8, top: 8, bottom: 36 };

/** A histogram of absolute errors as SVG. @param bins - their width, and how many rows are in each, from 0. */
export function histogram({ width, counts }) {
  const most = Math.max(1, ...counts);
  const inner = { width: WIDTH - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };
  const step = inner.width / counts.length;
  const base = MARGIN.top + inner.height;
  const picture = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": "Histogram of absolute errors" });
  picture.append(shape("line", { x1: MARGIN.left, x2: WIDTH - MARGIN.right, y1: base, y2: base }));
  const every = Math.ceil(counts.length / 10);
  for (const [i, rows] of counts.entries()) {
    const height = (rows / most) * inner.height;
    const x = MARGIN.left + i * step;
    const bar = shape("rect", { x: x + 1, y: base - height, width: Math.max(1, step - 2), height });
    bar.append(shape("title", {}, `${label(i * width)} to ${label((i + 1) * width)}: ${rows.toLocaleString("en")} rows`));
    picture.append(bar);
    if (i % every === 0) picture.append(shape("text", { x, y: base + 14, "text-anchor": "middle" }, label(i * width)));
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

/** Without the digits that adding up widths leaves behind. */
function label(value) {
  return String(Number(value.toPrecision(6)));
}
