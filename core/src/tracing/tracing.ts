import type { Attributes, SpanContext } from "@opentelemetry/api";
import { AsyncLocalStorage } from "node:async_hooks";

/** An operation of a trace, from its begin to its end. */
export interface TraceSpan {
  readonly context: SpanContext;
  /** Whether it is sampled, and not ended. One that is not sampled passes that decision on. */
  readonly isRecorded: boolean;
  /** `traceparent`, and `tracestate` if there is one, for what it sends. */
  readonly headers: Readonly<Record<string, string>>;
  set(attributes: Attributes): void;
  linkTo(other: TraceSpan): void;
  /** @param error - why the operation failed. @param at - ms since 1970. Default: now. */
  end(error?: unknown, at?: number): void;
}

export interface SpanStart {
  readonly kind: "producer" | "consumer" | "server" | "internal";
  /** Headers that may carry the context of a parent, if `parents` has none. A `traceparent` that is not one is ignored. */
  readonly from?: Readonly<Record<string, unknown>>;
  /** What it belongs to: the first is its parent, the others are linked. Without a parent it begins a trace. */
  readonly parents?: readonly TraceSpan[];
  readonly attributes?: Attributes;
  /** When it began, ms since 1970. Default: now. */
  readonly startedAt?: number;
}

/** Records the operations of one service. */
export interface Tracing {
  begin(name: string, start: SpanStart): TraceSpan;
}

/**
 * Begins an operation on what several traces brought: it is a part of the first one that is sampled, and linked with the others.
 *
 * @returns undefined if none is sampled.
 */
export function beginOver(
  tracing: Tracing | undefined,
  name: string,
  spans: readonly (TraceSpan | undefined)[],
  attributes: Attributes,
  startedAt?: number,
): TraceSpan | undefined {
  const parents = spans.filter((span) => span?.isRecorded === true).filter((span) => span !== undefined);
  if (tracing === undefined || parents.length === 0) return undefined;
  const span = tracing.begin(name, { kind: "internal", parents, attributes, ...(startedAt === undefined ? {} : { startedAt }) });
  for (const parent of parents.slice(1)) parent.linkTo(span);
  return span;
}

const active = new AsyncLocalStorage<TraceSpan>();

/** Runs something, and what it starts, as a part of a span. */
export function runIn<T>(span: TraceSpan, run: () => T): T {
  return active.run(span, run);
}

/** The span of which the running code is a part; none outside of `runIn`. */
export function activeSpans(): readonly TraceSpan[] {
  const span = active.getStore();
  return span === undefined ? [] : [span];
}
