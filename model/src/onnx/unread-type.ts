import type { DeclaredValue } from "./declared-value.js";

/** What to do about numbers of such a format. */
export const FLOAT32 = "Export the model in float32";

/** Whether a tensor has numbers of a format that JavaScript has no arrays for: bfloat16, and the smaller ones that came after it. */
export function isUnread({ type }: DeclaredValue): boolean {
  return type === "bfloat16" || type?.startsWith("type ") === true;
}
