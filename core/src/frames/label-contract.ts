import { correctionHeaders, correctionIn } from "./correction.js";
import { frameMessage, readFrame, type Contract } from "./contract.js";
import type { LabelFrame } from "./frame.js";
import { ScalarFrames } from "./scalar-frames.js";

const layout = new ScalarFrames("y_true", {});

/** Labels: what was true of rows, perhaps long after them. */
export const labelContract: Contract<LabelFrame> = {
  type: "y_true",
  description: "True values of rows, in the target's unit. They may come before, with or long after their rows.",
  layout,
  read(delivery) {
    const correction = correctionIn(delivery);
    const { frame, refusals } = readFrame(delivery, "y_true", layout);
    const labels = { ids: frame.ids, y_true: frame.values };
    return { frame: correction === undefined ? labels : { ...labels, correction }, refusals };
  },
  write({ ids, y_true, correction }, format, origin) {
    return frameMessage("y_true", { ids, values: y_true }, layout, format, origin, correctionHeaders(correction));
  },
};
