import type { Address, Bus, Message } from "../bus/bus.js";
import { labelsOf } from "../bus/topology.js";
import type { FrameFormat } from "../frames/codecs/codecs.js";
import type { LabelFrame } from "../frames/frame.js";
import { labelContract } from "../frames/label-contract.js";
import { divideLabels } from "./divide-frames.js";

/** A message and where it goes. */
export interface Addressed {
  readonly to: Address;
  readonly message: Message;
}

/** The messages that carry labels to their partitions. @param origin - when the oldest row left its source, ms since 1970. */
export function labelMessages(frame: LabelFrame, partitions: number, format: FrameFormat, origin: number): readonly Addressed[] {
  return divideLabels(frame, partitions).map((part) => ({
    to: labelsOf(part.partition, partitions),
    message: labelContract.write(part.frame, format, origin),
  }));
}

/** Resolves when all are confirmed. Rejects as `Bus.publish` does if one is not; others may have been sent then. */
export async function publishEach(bus: Pick<Bus, "publish">, messages: readonly Addressed[]): Promise<void> {
  // No array of promises for the one message of a lane with one partition.
  const [first, ...others] = messages;
  if (first === undefined) return;
  if (others.length === 0) await bus.publish(first.to, first.message);
  else await Promise.all(messages.map(({ to, message }) => bus.publish(to, message)));
}
