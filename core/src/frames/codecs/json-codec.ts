import { JSON_TYPE } from "../../media-type.js";
import type { FrameCodec } from "./frame-codec.js";
import { parseJsonBody } from "./json-body.js";
import { frameText } from "./json-text.js";

/** Frames as JSON objects. */
export const jsonCodec = {
  name: "json",
  title: "JSON",
  contentType: JSON_TYPE,
  read: (body, layout) => layout.ofObject(parseJsonBody(body)),
  write: (frame, layout) => Buffer.from(frameText(layout.toObject(frame))),
  payload: ({ schema }) => schema,
} as const satisfies FrameCodec;
