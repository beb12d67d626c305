import { captureLog, Inbox, until } from "@streamgauge/testing";
import { afterEach, expect, test } from "vitest";
import type { Bus, Message } from "../bus/bus.js";
import { connectBus } from "../bus/connect-bus.js";
import { topologyOf } from "../bus/topology.js";
import { TracedBus } from "./traced-bus.js";
import type { SpanStart, TraceSpan, Tracing } from "./tracing.js";

interface Begun extends SpanStart {
  readonly name: string;
  ended: string | undefined;
}

/** Keeps what is begun and how it ended. The n-th span has the header `traceparent: n`. */
class KeptSpans implements Tracing {
  readonly spans: Begun[] = [];

  begin(name: string, start: SpanStart): TraceSpan {
    const begun: Begun = { ...start, name, ended: undefined };
    this.spans.push(begun);
    return {
      context: { traceId: "", spanId: String(this.spans.length), traceFlags: 1 },
      isRecorded: true,
      headers: { traceparent: String(this.spans.length) },
      set: () => undefined,
      linkTo: () => undefined,
      end: (error) => void (begun.ended = error instanceof Error ? error.message : "well"),
    };
  }
}

const opened: Bus[] = [];
afterEach(async () => {
  for (const bus of opened.splice(0)) await bus.close();
});

async function tracedBus() {
  const tracing = new KeptSpans();
  const bus = new TracedBus(
    await connectBus({ url: "memory:traced", topology: topologyOf(["champion"]), name: "test", log: captureLog().log }),
    tracing,
  );
  opened.push(bus);
  return { bus, spans: tracing.spans };
}

const rows = (type: string, headers: Message["headers"] = {}): Message => ({ body: Buffer.from("{}"), contentType: "", type, headers });
const FEATURES = { exchange: "rows", routingKey: "features" };

test("a message carries the context of its sending, and its handling belongs to that", async () => {
  const { bus, spans } = await tracedBus();
  const inbox = new Inbox();
  await bus.consume("model.champion", inbox.handler, { prefetch: 1 });
  await bus.publish(FEATURES, rows("", { own: "kept" }));
  const delivery = await inbox.one();
  expect(delivery.headers).toEqual({ own: "kept", traceparent: "1" });
  expect(delivery.span?.context.spanId).toBe("2");
  expect(spans.map(({ name, kind, from }) => [name, kind, from])).toEqual([
    ["send rows:features", "producer", { own: "kept" }],
    ["process rows:features:model.champion", "consumer", { own: "kept", traceparent: "1" }],
  ]);
});

test("a message to a queue by its name is traced by its type, as a part of the spans that it names", async () => {
  const { bus, spans } = await tracedBus();
  const inbox = new Inbox();
  await bus.consume("model.champion", inbox.handler, { prefetch: 1 });
  await bus.publish(FEATURES, rows("features"));
  const { span } = await inbox.one();
  await bus.publish(
    { exchange: "", routingKey: "metrics.champion.y_true" },
    { ...rows("y_true"), spans: span === undefined ? [] : [span] },
  );
  expect(spans.at(-1)).toMatchObject({ name: "send metrics.champion.y_true", parents: [span], ended: "well" });
});

test("what became of a message is what became of its handling", async () => {
  const { bus, spans } = await tracedBus();
  const inbox = new Inbox(() => ({ kind: "dead", refusals: [{ reason: "bmi is missing" }] }));
  const letters = new Inbox();
  await bus.consume("dead-letters", letters.handler, { prefetch: 1 });
  await bus.consume("model.champion", inbox.handler, { prefetch: 1 });
  await bus.publish(FEATURES, rows("features"));
  await until("the letter is taken", () => spans[2]?.ended !== undefined);
  expect(spans.map(({ name, ended }) => [name, ended])).toEqual([
    ["send rows:features", "well"],
    ["process rows:features:model.champion", "bmi is missing"],
    ["process dead:dead-letters", "well"],
  ]);
});

test("a message that cannot be sent is an error of its sending; one without rows is not traced", async () => {
  const { bus, spans } = await tracedBus();
  await expect(bus.publish({ exchange: "rows", routingKey: "nowhere" }, rows("features"))).rejects.toThrow(/^No queue takes messages/);
  expect(spans.map(({ name, ended }) => [name, ended?.slice(0, 22)])).toEqual([["send rows:nowhere", "No queue takes message"]]);
  await bus.publish({ exchange: "windows", routingKey: "windows" }, rows("windows")).catch(() => undefined);
  expect(spans).toHaveLength(1);
});
