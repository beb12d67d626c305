import type { FrameLayout } from "../frame-layout.js";
import type { Read } from "../frame.js";

/** A format of frames: how a frame's layout becomes the body of a message, and back. */
export interface FrameCodec {
  /** Its name in FRAME_FORMAT. */
  readonly name: string;
  /** Its name for people. */
  readonly title: string;
  /** The content type of its messages, in lower case and without parameters. */
  readonly contentType: string;
  /** @throws FrameRefusedError if the body cannot be used; no other error, whatever the bytes are. */
  read<F>(body: Buffer, layout: FrameLayout<F>): Read<F>;
  write<F>(frame: F, layout: FrameLayout<F>): Buffer;
  /** The body as a JSON Schema, for the AsyncAPI document. */
  payload(layout: Pick<FrameLayout<unknown>, "schema" | "columnTypes">): object;
}
