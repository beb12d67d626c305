import Type from "typebox";
import { frameMessage, type Contract } from "./contract.js";
import { FRAME_HEADER, type PredictionFrame } from "./frame.js";
import { ScalarFrames } from "./scalar-frames.js";

const MODEL = Type.String({ maxLength: 256, description: "The name and version of the model that answered." });
const frames = new ScalarFrames("y_pred", { model: Type.Optional(MODEL) });

/** Predictions: what a model said of rows. */
export const predictionContract: Contract<PredictionFrame> = {
  type: "y_pred",
  description: "A model's answers, in the target's unit.",
  schema: frames.schema,
  arrowColumns: { id: "utf8", y_pred: "float64" },
  read(delivery) {
    const { ids, values, model, refusals } = frames.read(delivery);
    const unit = delivery.headers[FRAME_HEADER.unit];
    return { frame: { ids, y_pred: values, model: model ?? "", unit: typeof unit === "string" ? unit : "" }, refusals };
  },
  write({ ids, y_pred, model, unit }, format, origin) {
    const headers = { [FRAME_HEADER.model]: model, ...(unit === "" ? {} : { [FRAME_HEADER.unit]: unit }) };
    return frameMessage("y_pred", format, frames.write(ids, y_pred, format, { model }), origin, headers);
  },
};
