/** Ids that would be steps in a path: clients take them out of it, also when they are encoded (dot segments; WHATWG URL). */
const STEPS = new Set([".", ".."]);

/** Where a prediction is. */
export function predictionPath(id: string): string {
  return STEPS.has(id) ? `/prediction?id=${id}` : `/predictions/${encodeURIComponent(id)}`;
}
