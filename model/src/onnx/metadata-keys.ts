/** Keys of an ONNX file's `metadata_props` that Streamgauge writes and reads. Values are text; most are JSON. */
export const metadataKey = {
  /** Name of the model in predictions and pictures; without it the file's name is used. */
  name: "streamgauge.name",
  /** JSON array of the feature names, in the order of the input's columns. */
  features: "streamgauge.features",
  /** Which output is the prediction, as the setting OUTPUT says it; for a file with several. */
  output: "streamgauge.output",
  /** Name of the target. */
  target: "streamgauge.target",
  /** Unit of the target, and so of y_pred and absolute_error. */
  targetUnit: "streamgauge.target_unit",
  /** JSON object: feature name to unit, for the features that have one. */
  units: "streamgauge.units",
  /** JSON object: feature name to `{mean, std, min, max}` over the rows the model was fitted on. */
  featureStatistics: "streamgauge.feature_statistics",
  /** JSON object `{rows, mae, rmse}`: its errors on rows that it was not fitted on, for a file whose `training` does not have them. */
  heldOut: "streamgauge.held_out",
  /** JSON object: what features and predictions looked like where the model was made, by bins. See `Reference` in core. */
  reference: "streamgauge.reference",
  /** JSON object: how the model was fitted, and its errors. */
  training: "streamgauge.training",
} as const;
