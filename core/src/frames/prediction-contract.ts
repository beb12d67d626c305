import Type from "typebox";
import { frameMessage, readFrame, type Contract } from "./contract.js";
import type { Delivery } from "../bus/bus.js";
import { FRAME_HEADER, type PredictionFrame } from "./frame.js";
import { layoutIn } from "./row-codes.js";
import { heldOutHeader, heldOutIn } from "./held-out-header.js";
import { ScalarFrames } from "./scalar-frames.js";

const MODEL = Type.String({ maxLength: 256, description: "The name and version of the model that answered." });
const layout = new ScalarFrames("y_pred", { extra: { model: Type.Optional(MODEL) }, arePredictions: true });

/** Predictions: what a model said of rows. */
export const predictionContract: Contract<PredictionFrame> = {
  type: "y_pred",
  description: "A model's answers, in the target's unit.",
  layout,
  read(delivery) {
    const { frame, refusals } = readFrame(delivery, "y_pred", layout.coded(layoutIn(delivery.headers[FRAME_HEADER.codes])));
    const { ids, values, eventTimes, halfWidths, codes, model = headerText(delivery, FRAME_HEADER.model) } = frame;
    const unit = headerText(delivery, FRAME_HEADER.unit);
    const heldOut = heldOutIn(delivery.headers[FRAME_HEADER.heldOut]);
    return {
      frame: {
        ids,
        y_pred: values,
        model,
        unit,
        ...(eventTimes === undefined ? {} : { eventTimes }),
        ...(halfWidths === undefined ? {} : { halfWidths }),
        ...(codes === undefined ? {} : { codes }),
        ...(heldOut === undefined ? {} : { heldOut }),
      },
      refusals,
    };
  },
  write({ ids, y_pred, model, unit, eventTimes, halfWidths, codes, heldOut }, format, origin) {
    const headers = {
      [FRAME_HEADER.model]: model,
      ...(unit === "" ? {} : { [FRAME_HEADER.unit]: unit }),
      ...(heldOut === undefined ? {} : { [FRAME_HEADER.heldOut]: heldOutHeader(heldOut) }),
      ...(codes === undefined ? {} : { [FRAME_HEADER.codes]: codes.layout.text }),
    };
    return frameMessage("y_pred", { ids, values: y_pred, model, eventTimes, halfWidths, codes }, layout, format, origin, headers);
  },
};

function headerText({ headers }: Delivery, name: string): string {
  const value = headers[name];
  return typeof value === "string" ? value : "";
}
