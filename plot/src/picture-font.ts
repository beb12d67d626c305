import { fileURLToPath } from "node:url";
import { GlobalFonts } from "@napi-rs/canvas";

/** The name to draw with. An installed font is asked only for characters that the project's font does not have. */
export const PICTURE_FONT = "Streamgauge Inter, sans-serif";

const NAME = "Streamgauge Inter";
const FILES = ["Inter-Regular.ttf", "Inter-SemiBold.ttf"];

/** A font file of the project could not be read. */
export class FontMissingError extends Error {
  override readonly name = "FontMissingError";
  readonly path: string;

  constructor(path: string) {
    super(`Cannot use the font ${path}, and without it pictures have no text: restore plot/assets, or copy it into the container image.`);
    this.path = path;
  }
}

/**
 * Makes the project's font known to the canvas, which in a slim container finds no other. Once per process is enough.
 *
 * @throws FontMissingError when a file is missing or is no font.
 */
export function registerPictureFont(): void {
  for (const file of FILES) {
    // dist/ and src/ are both one level below the service's folder.
    const path = fileURLToPath(new URL(`../assets/${file}`, import.meta.url));
    if (GlobalFonts.registerFromPath(path, NAME) === null) throw new FontMissingError(path);
  }
}
