import { CHAMPION, FEATURES, queuesOf, type Bus, type Refusal } from "@streamgauge/core";

/** Refuses each message of rows that it gets. @param bus - its name is that of the service. */
export async function startRefusing(bus: Bus, refusals: (body: string) => readonly Refusal[]): Promise<void> {
  await bus.consume(queuesOf(CHAMPION).features, async ({ body }) => ({ kind: "dead", refusals: refusals(body.toString("utf8")) }), {
    prefetch: 100,
  });
}

/** Sends a message of this text to the model. */
export function sendText(bus: Bus, text: string): Promise<void> {
  return bus.publish(FEATURES, { body: Buffer.from(text), contentType: "text/plain", type: "features", headers: {} });
}
