import { MAX_FRAME_ROWS } from "../frame.js";
import { readArrowBody, writeArrowBody } from "./arrow-body.js";
import type { FrameCodec } from "./frame-codec.js";

/** The content type of an Arrow IPC stream. */
export const ARROW_TYPE = "application/vnd.apache.arrow.stream";

/** Frames as Arrow IPC streams. */
export const arrowCodec = {
  name: "arrow",
  title: "Arrow",
  contentType: ARROW_TYPE,
  read: (body, layout) => layout.ofTable(readArrowBody(body, MAX_FRAME_ROWS), "the Arrow stream"),
  write: (frame, layout) => {
    const { ids, columns, eventTimes, codes } = layout.toTable(frame);
    return writeArrowBody(ids, columns, eventTimes, codes);
  },
  payload: ({ columnTypes }) => {
    const columns = Object.entries(columnTypes).map(([name, type]) => `${name}: ${type}`);
    return {
      type: "string",
      format: "binary",
      description: `One Arrow IPC stream, uncompressed, of 1 to 65,536 rows, with the columns ${columns.join("; ")}. Ids may be large_utf8 or dictionary-encoded, numbers of any width.`,
    };
  },
} as const satisfies FrameCodec;
