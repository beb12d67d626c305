/** A job, as far as the page shows it. */
export interface Job {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly createdAt: string;
  readonly progress: number;
  readonly rows: number;
  readonly done: number;
  readonly failed: number;
  readonly seconds?: number;
  readonly reason?: string;
}

/** A job with the statistics of its errors. */
export interface JobDetails extends Job {
  readonly statistics: Readonly<Record<string, number | null>> & {
    readonly count: number;
    readonly overflowed?: readonly string[];
    readonly bins: readonly { readonly from: number; readonly to: number | null; readonly count: number }[];
  };
}

/** What the gateway says of an upload. */
export interface Upload extends Job {
  readonly refused: number;
  readonly refusals: readonly { readonly row: number; readonly reason: string }[];
  readonly warnings: readonly string[];
}

/** A statistic that jobs have. */
export interface Statistic {
  readonly name: string;
  readonly title: string;
}

/** Calls the gateway. @param key - the API key; empty: none. @throws Error with the gateway's message. */
export async function ask<T>(path: string, key: string, options: RequestInit = {}): Promise<T> {
  const headers = new Headers(options.headers);
  if (key !== "") headers.set("x-api-key", key);
  const answer = await fetch(path, { ...options, headers });
  const text = await answer.text();
  const body = text === "" ? undefined : JSON.parse(text);
  if (!answer.ok) throw new Error(body?.detail ?? answer.statusText);
  return body;
}
