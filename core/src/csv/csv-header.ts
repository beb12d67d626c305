import type { CsvFault } from "./csv-refused-error.js";

/** The names of a header, blanks around them taken off, in quotes or not. */
export function namesOf(cells: readonly string[]): readonly string[] {
  return cells.map((cell) => cell.trim());
}

/** Why these are no names of columns; undefined if they are. */
export function headerFault(names: readonly string[]): CsvFault | undefined {
  const nameless = names.indexOf("");
  if (nameless >= 0)
    return {
      code: "header",
      problem: `has no name for its column ${nameless + 1}`,
      remedy: "name it, or leave it out (with pandas: to_csv(index=False))",
    };
  const seen = new Set<string>();
  const twice = names.find((name) => seen.size === seen.add(name).size);
  if (twice === undefined) return undefined;
  return { code: "header", problem: `names the column ${JSON.stringify(twice)} twice`, remedy: "give every column a name of its own" };
}

/** Names as they are listed in a message: quoted, so that control characters are seen and not obeyed. */
export function listedNames(names: readonly string[]): string {
  const list = names.map((name) => JSON.stringify(name)).join(", ");
  return list.length > 500 ? `${list.slice(0, 497)}...` : list;
}
