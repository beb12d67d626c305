import { gunzipSync } from "node:zlib";
import type { Delivery } from "../bus/bus.js";
import { MAX_BODY_BYTES } from "../bus/topology.js";
import { quote } from "../refusal.js";
import { FrameRefusedError } from "./frame.js";

/**
 * A message's body as it was before it was compressed: with the property content_encoding `gzip` it is at most as large unpacked as a body may be.
 *
 * @throws FrameRefusedError if it is packed in another way, is larger, or is no gzip.
 */
export function bodyOf({ body, contentEncoding }: Pick<Delivery, "body" | "contentEncoding">): Buffer {
  const encoding = contentEncoding?.trim().toLowerCase() ?? "";
  if (encoding === "" || encoding === "identity") return body;
  if (encoding !== "gzip" && encoding !== "x-gzip") {
    throw new FrameRefusedError({
      reason: `the property content_encoding is ${quote(contentEncoding)}; send the body as it is, or with content_encoding "gzip"`,
    });
  }
  try {
    return gunzipSync(body, { maxOutputLength: MAX_BODY_BYTES });
  } catch (error) {
    const tooLarge = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    throw new FrameRefusedError(
      {
        reason: tooLarge
          ? `the body has more than ${MAX_BODY_BYTES} bytes when it is unpacked: send fewer rows a frame`
          : 'the property content_encoding is "gzip", and the body is no whole gzip: compress it, or leave content_encoding out',
      },
      { cause: error },
    );
  }
}
