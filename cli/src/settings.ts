import * as alerts from "@streamgauge/alerts";
import { COMMON_SETTINGS, DATA_SETTINGS, type Config } from "@streamgauge/core";
import * as features from "@streamgauge/features";
import * as gateway from "@streamgauge/gateway";
import * as metrics from "@streamgauge/metrics";
import * as model from "@streamgauge/model";

/** The settings of all services; each service defines its own. */
export const SETTINGS = {
  ...COMMON_SETTINGS,
  ...DATA_SETTINGS,
  ...features.SETTINGS,
  ...model.SETTINGS,
  ...metrics.SETTINGS,
  ...alerts.SETTINGS,
  ...gateway.SETTINGS,
};

export type AllConfig = Config<typeof SETTINGS>;
