/** @returns the value of JSON text; undefined for text that is no JSON, so that one check of the value finds both. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
