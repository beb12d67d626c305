import type { Contract } from "./contract.js";
import { frameMessage } from "./contract.js";
import type { LabelFrame } from "./frame.js";
import { ScalarFrames } from "./scalar-frames.js";

const frames = new ScalarFrames("y_true", {});

/** Labels: what was true of rows, perhaps long after them. */
export const labelContract: Contract<LabelFrame> = {
  type: "y_true",
  description: "True values of rows, in the target's unit. They may come before, with or long after their rows.",
  schema: frames.schema,
  arrowColumns: { id: "utf8", y_true: "float64" },
  read(delivery) {
    const { ids, values, refusals } = frames.read(delivery);
    return { frame: { ids, y_true: values }, refusals };
  },
  write({ ids, y_true }, format, origin) {
    return frameMessage("y_true", format, frames.write(ids, y_true, format), origin);
  },
};
