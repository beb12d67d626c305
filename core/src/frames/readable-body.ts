import { MAX_BODY_BYTES } from "../bus/topology.js";
import { FrameRefusedError } from "./frame.js";

/** Nothing where a body has a size that is worth reading. @throws FrameRefusedError */
export function requireReadable({ length }: Buffer): void {
  if (length === 0) throw new FrameRefusedError({ reason: "the body is empty" });
  if (length > MAX_BODY_BYTES) {
    throw new FrameRefusedError({ reason: `the body has ${length} bytes; at most ${MAX_BODY_BYTES} are taken: send fewer rows a frame` });
  }
}
