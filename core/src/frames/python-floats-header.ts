import { listedNames } from "../csv/csv-header.js";
import { quote } from "../refusal.js";
import { FRAME_HEADER, FrameRefusedError, type FeaturesFrame } from "./frame.js";
import { spelledOut } from "./python-floats.js";

/** AMQP takes about 64 KiB of headers, and a dead letter keeps 40 KiB of them. */
const MAX_BYTES = 16 * 1024;

/** The header of these names, and the names that it has no room for. */
interface Written {
  readonly header: string;
  readonly others: readonly string[];
}

/** Frames of one block share their names. */
const written = new WeakMap<ReadonlySet<string>, Written>();

function headerOf(names: ReadonlySet<string>): Written {
  const known = written.get(names);
  if (known !== undefined) return known;
  let room = MAX_BYTES - 2;
  const [listed, others]: [string[], string[]] = [[], []];
  for (const name of names) {
    const bytes = Buffer.byteLength(JSON.stringify(name)) + 1;
    if (bytes > room) others.push(name);
    else {
      room -= bytes;
      listed.push(name);
    }
  }
  const made = { header: JSON.stringify(listed), others };
  written.set(names, made);
  return made;
}

/** A frame with its header `python-floats`; columns that this has no room for are spelled out. */
export function withHeader(frame: FeaturesFrame): { readonly frame: FeaturesFrame; readonly header: string | undefined } {
  if (frame.pythonFloats === undefined) return { frame, header: undefined };
  const { header, others } = headerOf(frame.pythonFloats);
  if (others.length === 0) return { frame, header };
  const columns = new Map(frame.columns);
  for (const name of others) columns.set(name, spelledOut(columns.get(name) ?? []));
  return { frame: { ...frame, columns }, header };
}

/** The last header: messages of one source have the same. */
let last: { readonly text: string; readonly names: ReadonlySet<string> } | undefined;

/**
 * The columns that the header `python-floats` names, as a JSON array or an array of AMQP.
 *
 * @throws FrameRefusedError if it is neither, or names a column that the frame does not have.
 */
export function namedIn(header: unknown, columns: FeaturesFrame["columns"]): ReadonlySet<string> {
  const names = last !== undefined && header === last.text ? last.names : namesOf(header);
  if (typeof header === "string") last = { text: header, names };
  for (const name of names) if (!columns.has(name)) throw strangersIn(names, columns);
  return names;
}

function strangersIn(names: ReadonlySet<string>, columns: FeaturesFrame["columns"]): FrameRefusedError {
  const strangers = [...names].filter((name) => !columns.has(name));
  return new FrameRefusedError({
    reason: `the header ${FRAME_HEADER.pythonFloats} names ${listedNames(strangers)}, and the frame has no such column: leave it out there`,
  });
}

function namesOf(header: unknown): ReadonlySet<string> {
  const names: unknown = typeof header === "string" ? parsed(header) : header;
  if (Array.isArray(names) && names.every((name) => typeof name === "string")) return new Set(names);
  throw new FrameRefusedError({
    reason: `the header ${FRAME_HEADER.pythonFloats} is ${quote(header)}: send a JSON array with the names of columns, such as ["age"]`,
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
