import { mediaTypeOf } from "../../media-type.js";
import { arrowCodec } from "./arrow-codec.js";
import type { FrameCodec } from "./frame-codec.js";
import { jsonCodec } from "./json-codec.js";

/** All formats of frames. A message without a content type is in the first. docs/recipes/add-a-format.md says how to add one. */
export const CODECS = [jsonCodec, arrowCodec] as const satisfies readonly FrameCodec[];

/** The name of a format. */
export type FrameFormat = (typeof CODECS)[number]["name"];

/** The names of all formats. */
export const FRAME_FORMATS: readonly FrameFormat[] = CODECS.map(({ name }) => name);

type RegisteredCodec = FrameCodec & { readonly name: FrameFormat };

/** The codec for a content type, whatever its case and parameters; undefined if no format has it. */
export function codecOf(contentType: string | undefined): RegisteredCodec | undefined {
  const type = mediaTypeOf(contentType);
  return type === undefined ? jsonCodec : CODECS.find((codec) => codec.contentType === type);
}

/** The codec of a format. */
export function codecNamed(format: FrameFormat): RegisteredCodec {
  return CODECS.find(({ name }) => name === format) ?? jsonCodec;
}

/** The format of a message, for an answer in the same one. A message in no known format is answered in JSON. */
export function formatOf({ contentType }: { readonly contentType: string | undefined }): FrameFormat {
  return codecOf(contentType)?.name ?? jsonCodec.name;
}
