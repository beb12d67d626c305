import { onTestFinished } from "vitest";

/** Events of one kind as they come from a gateway. */
export interface Events<Data> {
  /** Resolves with the first event from now on, or the latest before, that is as wanted. */
  readonly until: (isWanted: (data: Data) => boolean) => Promise<Data>;
}

/** Follows `GET /events` of a gateway until the end of the test. */
export function eventsOf<Data>(url: string, event: string, query = "size=1m&last=1"): Events<Data> {
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  let latest: Data | undefined;
  let wake: () => void = () => undefined;
  const read = async () => {
    const { body } = await fetch(`${url}/events?${query}`, { signal: ending.signal });
    let text = "";
    for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString("utf8");
      const parts = text.split("\n\n");
      text = parts.pop() ?? "";
      for (const part of parts) {
        const [, kind, data = ""] = /event: (\S+)\ndata: (.*)$/.exec(part) ?? [];
        if (kind !== event) continue;
        latest = JSON.parse(data) as Data;
        wake();
      }
    }
  };
  read().catch(() => undefined);
  return {
    until: async (isWanted) => {
      for (;;) {
        if (latest !== undefined && isWanted(latest)) return latest;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}
