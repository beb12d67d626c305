import type { Delivery, HeaderValue, Message } from "../bus/bus.js";
import { quote } from "../refusal.js";
import { bodyOf } from "./body-of.js";
import { codecNamed, codecOf, CODECS, type FrameFormat } from "./codecs/codecs.js";
import type { FrameCodec } from "./codecs/frame-codec.js";
import type { FrameLayout } from "./frame-layout.js";
import { CONTRACT_VERSION, FRAME_HEADER, FrameRefusedError, type Read } from "./frame.js";
import { mediaTypeOf } from "../media-type.js";

/** How a kind of frame is read and written: the one place that both ends of a queue agree on. */
export interface Contract<F> {
  /** The `type` property of its messages. */
  readonly type: string;
  /** What it is for, for its readers. */
  readonly description: string;
  /** What its body looks like. */
  readonly layout: Pick<FrameLayout<unknown>, "schema" | "columnTypes">;
  /**
   * The good rows of a message, and why the others are refused.
   *
   * @throws FrameRefusedError if none of it can be used.
   */
  read(delivery: Delivery): Read<F>;
  /** @param origin - when its oldest row left the source, ms since 1970. */
  write(frame: F, format: FrameFormat, origin: number): Message;
}

/**
 * Reads the body of a message in whatever format it is.
 *
 * @param type - the kind of frame that its queue takes.
 * @throws FrameRefusedError if none of it can be used, or its properties name another type, version or format.
 */
export function readFrame<F>(delivery: Delivery, type: string, layout: FrameLayout<F>): Read<F> {
  requireKind(delivery, type);
  return requireCodec(delivery.contentType).read(bodyOf(delivery), layout);
}

/** Refuses a message whose properties name another type or version. @throws FrameRefusedError */
export function requireKind(delivery: Delivery, type: string): void {
  const version = delivery.headers[FRAME_HEADER.version];
  if (version !== undefined && version !== CONTRACT_VERSION) {
    throw new FrameRefusedError({
      reason: `the header ${FRAME_HEADER.version} says version ${quote(version)}; this program reads version ${CONTRACT_VERSION}`,
    });
  }
  if (delivery.type !== undefined && delivery.type !== type) {
    throw new FrameRefusedError({
      reason: `the property type says ${quote(delivery.type)}; this queue takes ${quote(type)}`,
    });
  }
}

function requireCodec(contentType: string | undefined): FrameCodec {
  const codec = codecOf(contentType);
  if (codec !== undefined) return codec;
  throw new FrameRefusedError({
    reason: `the property content_type is ${quote(mediaTypeOf(contentType))}; send ${CODECS.map((each) => each.contentType).join(" or ")}`,
  });
}

/** A frame as a message. @param origin - when its oldest row left the source, ms since 1970. */
export function frameMessage<F>(
  type: string,
  frame: F,
  layout: FrameLayout<F>,
  format: FrameFormat,
  origin: number,
  headers: Record<string, HeaderValue> = {},
): Message {
  const codec = codecNamed(format);
  // Assigned one by one: in a literal V8 makes names that are computed in its runtime, which takes longer than to encode the message.
  const all: Record<string, HeaderValue> = {};
  all[FRAME_HEADER.version] = CONTRACT_VERSION;
  all[FRAME_HEADER.origin] = origin;
  for (const name in headers) all[name] = headers[name] ?? "";
  return { body: codec.write(frame, layout), contentType: codec.contentType, type, timestamp: Date.now(), headers: all };
}

/** When the oldest row of a message left its source; now, if it does not say. */
export function originOf(delivery: Delivery): number {
  const origin = delivery.headers[FRAME_HEADER.origin];
  return typeof origin === "number" && Number.isFinite(origin) ? origin : (delivery.timestamp ?? Date.now());
}
