import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Attributes, type Context, type Span, type Tracer } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { errorText } from "../error-text.js";
import type { SpanStart, TraceSpan, Tracing } from "./tracing.js";

const propagator = new W3CTraceContextPropagator();
const KINDS = {
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  server: SpanKind.SERVER,
  internal: SpanKind.INTERNAL,
};

/** Headers of messages and requests; one that is no text carries no context. */
const HEADERS = {
  keys: Object.keys,
  get(headers: Readonly<Record<string, unknown>>, name: string): string | undefined {
    const value = headers[name];
    return typeof value === "string" ? value : undefined;
  },
};

/** Records spans with a tracer of OpenTelemetry's. */
export class SdkTracing implements Tracing {
  readonly #tracer: Tracer;

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  begin(name: string, { kind, from, parents = [], attributes, startedAt }: SpanStart): TraceSpan {
    const [parent, ...others] = parents;
    const context = parent === undefined ? contextIn(from) : trace.setSpanContext(ROOT_CONTEXT, parent.context);
    const span = this.#tracer.startSpan(
      name,
      {
        kind: KINDS[kind],
        links: others.map((other) => ({ context: other.context })),
        ...(attributes === undefined ? {} : { attributes }),
        ...(startedAt === undefined ? {} : { startTime: startedAt }),
      },
      context,
    );
    return new SdkSpan(span);
  }
}

function contextIn(headers: Readonly<Record<string, unknown>> | undefined): Context {
  return headers === undefined ? ROOT_CONTEXT : propagator.extract(ROOT_CONTEXT, headers, HEADERS);
}

class SdkSpan implements TraceSpan {
  readonly #span: Span;

  constructor(span: Span) {
    this.#span = span;
  }

  get context() {
    return this.#span.spanContext();
  }

  get isRecorded(): boolean {
    return this.#span.isRecording();
  }

  get headers(): Readonly<Record<string, string>> {
    const headers: Record<string, string> = {};
    propagator.inject(trace.setSpanContext(ROOT_CONTEXT, this.context), headers, {
      set: (carrier, name, value) => void (carrier[name] = value),
    });
    return headers;
  }

  set(attributes: Attributes): void {
    this.#span.setAttributes(attributes);
  }

  linkTo(other: TraceSpan): void {
    this.#span.addLink({ context: other.context });
  }

  end(error?: unknown, at?: number): void {
    if (error !== undefined) {
      const { name, message } = error instanceof Error ? error : new Error(errorText(error));
      this.#span.setAttribute("error.type", name);
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message });
    }
    this.#span.end(at);
  }
}
