import { setTimeout as delay } from "node:timers/promises";
import { BackOff, type Cell, errorText } from "@streamgauge/core";
import { MAX_KEY_CHARACTERS } from "./partial-rows.js";
import type { SourceConfig } from "./sources-file.js";

/** The fields that a source returned for one row. */
export interface SourceRow {
  readonly key: string;
  readonly fields: readonly (readonly [feature: string, value: Cell])[];
}

/** What a page of a source has. */
export interface SourcePage {
  readonly rows: readonly SourceRow[];
  /** Why rows are passed over, one reason each. */
  readonly refused: readonly string[];
}

/** A source did not answer, or its answer does not match its definition. */
export class SourceError extends Error {
  override readonly name = "SourceError";
}

/** Retries per page. */
const RETRIES = 4;
const MAX_PAGES = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const TIMEOUT_S = 10;

/**
 * All rows of a source, page after page. A row that cannot be used is passed over. A page that fails is tried again with back-off, unless the source
 * rejects the request (4xx except 408 and 429).
 *
 * @throws SourceError; not if the signal is aborted.
 */
export async function* fetchRows(source: SourceConfig, signal: AbortSignal): AsyncGenerator<SourcePage, void> {
  const { paging } = source;
  const counted = paging !== undefined && "parameter" in paging ? paging : undefined;
  let number = counted?.from ?? 1;
  let url: string | undefined = counted === undefined ? source.url : numbered(source.url, counted.parameter, number);
  for (let page = 0; url !== undefined && !signal.aborted; page += 1) {
    if (page === MAX_PAGES) throw new SourceError(`More than ${MAX_PAGES} pages: does the last one have no next?`);
    const answer = await fetchPage(url, source, signal);
    const rows = listIn(answer, source.rows);
    const read = rows.map((row) => rowOf(row, source));
    yield { rows: read.filter((row) => typeof row !== "string"), refused: read.filter((row) => typeof row === "string") };
    if (counted !== undefined) url = rows.length === 0 ? undefined : numbered(source.url, counted.parameter, ++number);
    else url = paging !== undefined && "next" in paging ? nextOf(answer, paging.next, url) : undefined;
  }
}

async function fetchPage(url: string, source: SourceConfig, signal: AbortSignal): Promise<unknown> {
  const backOff = new BackOff(200, 10_000);
  for (let tries = 0; ; tries += 1) {
    try {
      return await fetchOnce(url, source, signal);
    } catch (error) {
      if (error instanceof SourceError || tries === RETRIES || signal.aborted) throw asSourceError(error, url);
      await (error instanceof BusyError && error.seconds > 0
        ? delay(error.seconds * 1_000, undefined, { signal }).catch(() => undefined)
        : backOff.wait(signal));
    }
  }
}

/** The source answered 5xx, 408 or 429: worth a retry. */
class BusyError extends Error {
  /** How long it asks to wait, at most a minute; 0 if it does not say in seconds. */
  readonly seconds: number;

  constructor(status: number, seconds: number) {
    super(`it answers ${status}`);
    this.seconds = seconds;
  }
}

async function fetchOnce(url: string, { headers = {}, timeoutSeconds = TIMEOUT_S }: SourceConfig, signal: AbortSignal): Promise<unknown> {
  const time = AbortSignal.any([signal, AbortSignal.timeout(timeoutSeconds * 1_000)]);
  const answer = await fetch(url, { headers: { accept: "application/json", ...headers }, signal: time, redirect: "error" });
  if (answer.status >= 500 || answer.status === 408 || answer.status === 429) {
    await answer.body?.cancel();
    throw new BusyError(answer.status, Math.min(60, Number(answer.headers.get("retry-after")) || 0));
  }
  if (!answer.ok) throw new SourceError(`it answers ${answer.status}: check its url and headers`);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  if (answer.body !== null) {
    for await (const part of answer.body) {
      if (!(part instanceof Uint8Array)) continue;
      bytes += part.length;
      if (bytes > MAX_ANSWER_BYTES) throw new SourceError(`its answer is larger than ${MAX_ANSWER_BYTES} bytes: use paging`);
      parts.push(part);
    }
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch (error) {
    throw new SourceError("its answer is not JSON", { cause: error });
  }
}

function asSourceError(error: unknown, url: string): SourceError {
  if (error instanceof SourceError) return error;
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return new SourceError(`${new URL(url).host} does not answer (${errorText(error)}${cause})`, {
    cause: error,
  });
}

function numbered(url: string, parameter: string, page: number): string {
  const made = new URL(url);
  made.searchParams.set(parameter, String(page));
  return made.href;
}

/** The URL of the next page; undefined at the last. It must stay on the same server, since it is sent the same headers. */
function nextOf(answer: unknown, path: string, url: string): string | undefined {
  const next = valueAt(answer, path);
  if (typeof next !== "string" || next === "") return undefined;
  if (!URL.canParse(next, url) || new URL(next, url).origin !== new URL(url).origin)
    throw new SourceError(`its next page is on another server: ${next.slice(0, 200)}`);
  return new URL(next, url).href;
}

function listIn(answer: unknown, path: string | undefined): readonly unknown[] {
  const list = path === undefined ? answer : valueAt(answer, path);
  if (!Array.isArray(list))
    throw new SourceError(
      path === undefined ? "its answer is no list: say in rows where the list is" : `its answer has no list at ${path}`,
    );
  return list;
}

/** @returns the row, or why it cannot be used. */
function rowOf(row: unknown, { key: keyPath, fields }: SourceConfig): SourceRow | string {
  const key = valueAt(row, keyPath);
  // JSON.parse has rounded it, and other keys to the same.
  if (typeof key === "number" && Number.isInteger(key) && !Number.isSafeInteger(key))
    return `the key ${key} at ${keyPath} is a number beyond 2^53, which is not read exactly: let the source send it as text`;
  const text = typeof key === "number" ? String(key) : key;
  if (typeof text !== "string" || text === "" || text.length > MAX_KEY_CHARACTERS)
    return `a row has no key of 1 to ${MAX_KEY_CHARACTERS} characters at ${keyPath}`;
  const known: (readonly [string, Cell])[] = [];
  for (const [feature, path] of Object.entries(fields)) {
    const value = valueAt(row, path);
    // A missing field may arrive in a later round.
    if (value === undefined || value === null) continue;
    const cell = typeof value === "boolean" ? Number(value) : value;
    if (typeof cell !== "number" && typeof cell !== "string") return `the value at ${path} of row ${text} is no number and no text`;
    known.push([feature, cell]);
  }
  return { key: text, fields: known };
}

function valueAt(value: unknown, path: string): unknown {
  let at: unknown = value;
  for (const name of path.split(".")) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, name)) return undefined;
    at = Object.entries(at).find(([own]) => own === name)?.[1];
  }
  return at;
}
