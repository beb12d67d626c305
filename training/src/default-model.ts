import type { TrainOptions } from "./train-options.js";

/**
 * How `model/assets/diabetes.onnx` is made from `features/assets/diabetes.csv`: on all rows, without penalty.
 *
 * The target is "a quantitative measure of disease progression one year after baseline" (Efron et al. 2004) and has
 * no physical unit. Of the features only age and body mass index have a unit that the source states or that the
 * definition gives; the units of blood pressure and the six serum measurements are not documented.
 */
export const defaultModelTraining: Omit<TrainOptions, "dataset"> = {
  targetColumn: "target",
  targetUnit: "disease progression score",
  units: { age: "years", bmi: "kg/m²" },
};
