import type { DriftOverTime, RowOrder, SegmentRowsJson, SegmentsJson } from "@streamgauge/core/windows";
import type { Choice } from "./choice.js";
import type { FeatureView } from "./panels/panel.js";

/** Features are looked at by hours: a look a minute is often enough. */
const AGAIN_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Asks the gateway what drifted and where the error is, for what is chosen. */
export class FeatureFigures {
  readonly #onFigures: (figures: FeatureView) => void;
  #query = "";
  #askedAt = -Infinity;

  /** @param onFigures - called with what has changed. */
  constructor(onFigures: (figures: FeatureView) => void) {
    this.#onFigures = onFigures;
  }

  /** The windows of a choice have come. @param from - where they begin, ms since 1970; null: no bound. @param end - of the latest one. */
  follow(choice: Choice, from: number | null, end: string): void {
    const query = String(new URLSearchParams(hourQuery(choice, from, end)));
    const isSame = query === this.#query;
    if (isSame && performance.now() < this.#askedAt + AGAIN_MS) return;
    this.#query = query;
    this.#askedAt = performance.now();
    void this.#ask(choice, query);
  }

  async #ask({ lane, model }: Choice, query: string): Promise<void> {
    const isKnown = await hasBins(lane, model);
    if (isKnown === undefined) return;
    const [drift, segments] = isKnown
      ? await Promise.all([found<DriftOverTime>(`/drift/map?${query}`), found<SegmentsJson>(`/segments?${query}`)])
      : [null, null];
    // Something else was chosen meanwhile.
    if (query !== this.#query || drift === undefined || segments === undefined) return;
    const version = model || drift?.model || "";
    const hours = async (start: string, end: string) => {
      const ofHours = await found<DriftOverTime>(
        `/drift/map?${String(new URLSearchParams({ lane, from: start, to: end, ...(version === "" ? {} : { model: version }) }))}`,
      );
      if (ofHours === undefined) throw new Error("The gateway did not answer.");
      return ofHours;
    };
    const rows = (segment: string, order: RowOrder) => {
      const asked = { ...Object.fromEntries(new URLSearchParams(query)), segment, order };
      return rowsOf(String(new URLSearchParams({ ...asked, ...(segments === null ? {} : { model: segments.model }) })));
    };
    this.#onFigures({ drift, segments, hours, rows, link: `/segments?${query}` });
  }
}

/** Whole hours that hold the windows. */
export function hourQuery({ lane, model, to }: Choice, from: number | null, end: string): Record<string, string> {
  const start = from === null ? undefined : Math.floor(from / HOUR_MS) * HOUR_MS;
  const until = to === "" ? end : `${to}Z`;
  return {
    lane,
    ...(start === undefined ? {} : { from: new Date(start).toISOString() }),
    to: new Date(Math.ceil(Date.parse(until) / HOUR_MS) * HOUR_MS).toISOString(),
    ...(model === "" ? {} : { model }),
  };
}

/** Whether rows of the version have bins: of others the gateway has nothing, and says so as an error. @param model - empty: any version. @returns undefined if the gateway does not answer. */
async function hasBins(lane: string, model: string): Promise<boolean | undefined> {
  if (model === "") return true;
  // No hour is that old: only the versions are of interest.
  const answer = await read<{ models: readonly string[] }>(`/drift/map?${String(new URLSearchParams({ lane, to: "0" }))}`);
  return answer?.models.includes(model);
}

/** @throws Error with what the gateway says */
async function rowsOf(query: string): Promise<SegmentRowsJson | null> {
  const answer = await fetch(`/segments/rows?${query}`).catch(() => undefined);
  const body: { found: SegmentRowsJson | null; detail?: string } | undefined = await answer?.json().catch(() => undefined);
  if (answer?.ok === true && body !== undefined) return body.found;
  throw new Error(body?.detail ?? "The gateway did not answer: choose the segment again.");
}

/** What was found; null if it is nothing, undefined if the gateway does not answer, or refuses. */
async function found<T>(path: string): Promise<T | null | undefined> {
  return (await read<{ found: T | null }>(path))?.found;
}

async function read<T>(path: string): Promise<T | undefined> {
  try {
    const answer = await fetch(path);
    return answer.ok ? await answer.json() : undefined;
  } catch {
    return undefined;
  }
}
