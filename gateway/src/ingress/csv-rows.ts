import type { Cell } from "@streamgauge/core";
import { CsvError, parse } from "csv-parse";
import { pipeline, Readable } from "node:stream";

/** A CSV body that cannot be read from some line on. */
export class CsvBodyError extends Error {
  override readonly name = "CsvBodyError";
}

const MAX_RECORD_BYTES = 1024 * 1024;

/**
 * The records of a CSV stream with a header, RFC 4180, in UTF-8; for one with another number of cells than the header, why it is none.
 *
 * @throws CsvBodyError where the header or a quote is broken.
 */
export async function* csvRecords(stream: AsyncIterable<Buffer>): AsyncGenerator<Readonly<Record<string, string>> | string, void> {
  const parser = parse({ bom: true, max_record_size: MAX_RECORD_BYTES, skip_empty_lines: true, relax_column_count: true });
  // What breaks either of them ends the loop below.
  pipeline(Readable.from(inUtf8(stream), { objectMode: false }), parser, () => undefined);
  let names: readonly string[] | undefined;
  try {
    for await (const cells of parser as AsyncIterable<readonly string[]>) {
      if (names === undefined) names = checkHeader(cells);
      else if (cells.length === names.length) yield Object.fromEntries(names.map((name, i) => [name, cells[i] ?? ""]));
      else yield `its line has ${cells.length} cells, the header has ${names.length}`;
    }
  } catch (error) {
    if (error instanceof CsvError || error instanceof CsvBodyError)
      throw new CsvBodyError(`The CSV body cannot be read: ${error.message}`, { cause: error });
    throw error;
  }
}

/** A stream as it is. @throws CsvBodyError where it is not UTF-8: the parser would put other characters in the place of some. */
async function* inUtf8(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const chunk of stream) {
      decoder.decode(chunk, { stream: true });
      yield chunk;
    }
    decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CsvBodyError("it is not in UTF-8: save it in that encoding", { cause: error });
  }
}

function checkHeader(names: readonly string[]): string[] {
  if (names.some((name) => name === "" || name.length > 128))
    throw new CsvBodyError("its header has a name that is empty or longer than 128 characters");
  const [first = ""] = names;
  if (names.length === 1 && /[;\t]/.test(first))
    throw new CsvBodyError(`its header is one cell, ${JSON.stringify(first)}: separate cells by commas`);
  if (new Set(names).size < names.length) throw new CsvBodyError("its header names a column twice");
  return [...names];
}

/** No part of it can match a text in two ways: time is linear in the length of the cell. */
const NUMBER = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i;

/** A number where the text reads as a finite one, null where it is empty, else the text: a category. */
export function cellOf(text: string): Cell {
  if (NUMBER.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : text;
  }
  return text.trim() === "" ? null : text;
}
