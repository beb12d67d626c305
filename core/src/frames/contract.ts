import type { TSchema } from "typebox";
import type { Delivery, HeaderValue, Message } from "../bus/bus.js";
import { quote } from "../refusal.js";
import { ARROW_TYPE, CONTRACT_VERSION, FRAME_HEADER, FrameRefusedError, JSON_TYPE, type FrameFormat, type Read } from "./frame.js";

/** How a kind of frame is read and written: the one place that both ends of a queue agree on. */
export interface Contract<F> {
  /** The `type` property of its messages. */
  readonly type: string;
  /** What it is for, for its readers. */
  readonly description: string;
  /** What its JSON body must look like; JSON Schema. The reader validates with this very value. */
  readonly schema: TSchema;
  /** The columns of its Arrow body. */
  readonly arrowColumns: Readonly<Record<string, string>>;
  /**
   * The good rows of a message, and why the others are refused.
   *
   * @throws FrameRefusedError where none of it can be used.
   */
  read(delivery: Delivery): Read<F>;
  /** @param origin - when its oldest row left the source, ms since 1970. */
  write(frame: F, format: FrameFormat, origin: number): Message;
}

/**
 * Which format a message is in.
 *
 * @throws FrameRefusedError where its properties say that it is of another type, version or encoding.
 */
export function formatOf(delivery: Delivery, type: string): FrameFormat {
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
  const contentType = delivery.contentType?.split(";", 1)[0]?.trim().toLowerCase();
  if (contentType === undefined || contentType === JSON_TYPE) return "json";
  if (contentType === ARROW_TYPE) return "arrow";
  throw new FrameRefusedError({
    reason: `the property content_type is ${quote(contentType)}; send ${JSON_TYPE} or ${ARROW_TYPE}`,
  });
}

/** A frame's message around its body. */
export function frameMessage(
  type: string,
  format: FrameFormat,
  body: Buffer,
  origin: number,
  headers: Record<string, HeaderValue> = {},
): Message {
  return {
    body,
    contentType: format === "json" ? JSON_TYPE : ARROW_TYPE,
    type,
    timestamp: Date.now(),
    headers: { [FRAME_HEADER.version]: CONTRACT_VERSION, [FRAME_HEADER.origin]: origin, ...headers },
  };
}

/** When the oldest row of a message left its source; now, where it does not say. */
export function originOf(delivery: Delivery): number {
  const origin = delivery.headers[FRAME_HEADER.origin];
  return typeof origin === "number" && Number.isFinite(origin) ? origin : (delivery.timestamp ?? Date.now());
}
