import { readFileSync, writeFileSync } from "node:fs";

/** Writes a table into a page, between the comments `<!-- NAME -->` and `<!-- /NAME -->`. */
export function replaceTable(file, name, table) {
  const page = new URL(`../${file}`, import.meta.url);
  const [begin, end] = [`<!-- ${name} -->\n`, `<!-- /${name} -->`];
  const text = readFileSync(page, "utf8");
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  if (from < begin.length || to < from) throw new Error(`${file} lacks the comments ${begin.trim()} and ${end}.`);
  writeFileSync(page, `${text.slice(0, from)}\n${table}\n\n${text.slice(to)}`);
}
