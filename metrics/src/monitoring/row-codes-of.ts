import { CodeLayout, type RowCodes } from "@streamgauge/core";
import type { RowCode } from "../state/row-code.js";
import type { StateStore } from "../state/state-store.js";

/** The codes of several rows, all of one layout, as a frame has them; undefined if they have none. */
export function rowCodesOf(codes: readonly (RowCode | undefined)[], { features }: Pick<StateStore, "features">): RowCodes | undefined {
  const known = codes.filter((code): code is RowCode => code !== undefined);
  const [first] = known;
  const layout = first === undefined ? undefined : CodeLayout.read(features.layouts.nameOf(first.layout));
  if (layout === undefined || known.length < codes.length) return undefined;
  const bytes = new Uint8Array(known.length * layout.width);
  for (const [row, code] of known.entries()) bytes.set(code.bytes.subarray(code.at, code.at + code.width), row * layout.width);
  const unseen = known.map((code) => code.unseen);
  return unseen.every((texts) => texts === null) ? { layout, bytes } : { layout, bytes, unseen };
}
