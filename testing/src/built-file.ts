import { fileURLToPath } from "node:url";

/** A compiled file of this repository, which is what users run; the same from `src` and from `dist`. @param path - from the root. */
export function builtFile(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}
