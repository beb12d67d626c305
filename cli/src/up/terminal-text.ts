/** Characters that a terminal shows two columns wide. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

/** The width of printable text, in columns. */
export function widthOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += WIDE.test(character) ? 2 : 1;
  return columns;
}

/** Cuts printable text to a number of columns; an ellipsis marks the cut. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let kept = "";
  let width = 1;
  for (const character of text) {
    width += widthOf(character);
    if (width > columns) break;
    kept += character;
  }
  return `${kept}…`;
}

/** The end of a printable text, cut to a number of columns; an ellipsis marks the cut. */
export function endOf(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let kept = "";
  let width = 1;
  for (const character of Array.from(text).toReversed()) {
    width += widthOf(character);
    if (width > columns) break;
    kept = character + kept;
  }
  return `…${kept}`;
}

/** Pads or cuts printable text to exactly so many columns. */
export function padTo(text: string, columns: number): string {
  const cut = cutTo(text, columns);
  return cut + " ".repeat(columns - widthOf(cut));
}
