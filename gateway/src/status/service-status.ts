/** A service that can be asked how it is. */
export interface StatusTarget {
  readonly name: string;
  /** `http://host:port` */
  readonly url: string;
}

/** How a service is. */
export interface ServiceStatus extends StatusTarget {
  readonly status: "ready" | "not ready" | "away";
  /** Its own figures, by name and labels as Prometheus writes them; null where it is +Inf or NaN, which JSON does not have. */
  readonly metrics: Readonly<Record<string, number | null>>;
}

/** STATUS_URLS cannot be read. */
export class StatusUrlsError extends Error {
  override readonly name = "StatusUrlsError";

  constructor(entry: string) {
    super(`STATUS_URLS has ${JSON.stringify(entry)}: write name=http://host:port, separated by commas.`);
  }
}

/** The services named in STATUS_URLS. @throws StatusUrlsError */
export function statusTargetsOf(text: string): StatusTarget[] {
  const entries = text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  return entries.map((entry) => {
    const [, name = "", url = ""] = /^([\w.-]+)=(https?:\/\/[^\s,]+)$/.exec(entry) ?? [];
    if (!URL.canParse(url)) throw new StatusUrlsError(entry);
    return { name, url: url.replace(/\/+$/, "") };
  });
}

const PATIENCE_MS = 2_000;
const MOST_BYTES = 1024 * 1024;
/** Figures of this program; the others are those of Node. */
const OWN = /^(streamgauge_\S+) (\S+)$/gm;

/** Asks a service how it is. Never rejects: one that does not answer is away. */
export async function statusOf(target: StatusTarget): Promise<ServiceStatus> {
  const { name, url } = target;
  try {
    const [ready, text] = await Promise.all([fetch(`${url}/readyz`, { signal: AbortSignal.timeout(PATIENCE_MS) }), metricsOf(target)]);
    await ready.arrayBuffer();
    return { name, url, status: ready.ok ? "ready" : "not ready", metrics: ownFigures(text) };
  } catch {
    return { name, url, status: "away", metrics: {} };
  }
}

/** A service's metrics as Prometheus reads them. @throws where it does not answer. */
export async function metricsOf({ url }: StatusTarget): Promise<string> {
  const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(PATIENCE_MS) });
  return (await answer.text()).slice(0, MOST_BYTES);
}

/** The samples of this program in a text of Prometheus, without the buckets of histograms. */
export function ownFigures(text: string): Record<string, number | null> {
  const figures: Record<string, number | null> = {};
  for (const [, sample = "", value = ""] of text.matchAll(OWN)) {
    const number = Number(value);
    if (!sample.includes("_bucket{")) figures[sample] = Number.isFinite(number) ? number : null;
  }
  return figures;
}
