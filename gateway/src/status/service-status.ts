/** A service whose status can be queried. */
export interface StatusTarget {
  readonly name: string;
  /** `http://host:port` */
  readonly url: string;
}

/** The status of a service. */
export interface ServiceStatus extends StatusTarget {
  readonly status: "ready" | "not ready" | "away";
  /** Its own metrics, by name and labels in Prometheus format; null for +Inf and NaN, which JSON lacks. */
  readonly metrics: Readonly<Record<string, number | null>>;
}

/** STATUS_URLS is invalid. */
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
/** Metrics of this program; the others come from Node. */
const OWN = /^(streamgauge_\S+) (\S+)$/gm;

/** Queries a service's status. Never rejects: a service that does not answer counts as away. */
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

/** A service's metrics in Prometheus format. @throws if it does not answer. */
export async function metricsOf({ url }: StatusTarget): Promise<string> {
  const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(PATIENCE_MS) });
  return (await answer.text()).slice(0, MOST_BYTES);
}

/** This program's samples in a Prometheus text, without histogram buckets. */
export function ownFigures(text: string): Record<string, number | null> {
  const figures: Record<string, number | null> = {};
  for (const [, sample = "", value = ""] of text.matchAll(OWN)) {
    const number = Number(value);
    if (!sample.includes("_bucket{")) figures[sample] = Number.isFinite(number) ? number : null;
  }
  return figures;
}
