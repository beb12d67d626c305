import { MAX_BODY_BYTES } from "../bus/topology.js";
import { FrameRefusedError } from "./frame.js";

/** @throws FrameRefusedError if a body is empty or too large to be read. */
export function requireReadable({ length }: Buffer): void {
  if (length === 0) throw new FrameRefusedError({ reason: "the body is empty" });
  if (length > MAX_BODY_BYTES) {
    throw new FrameRefusedError({ reason: `the body has ${length} bytes; at most ${MAX_BODY_BYTES} are taken: send fewer rows a frame` });
  }
}
