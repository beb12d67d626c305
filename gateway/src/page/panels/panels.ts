import { calibrationPanels } from "./calibration-panels.js";
import { driftPanels } from "./drift-panel.js";
import { densityPanels } from "./density-panel.js";
import { errorPanels } from "./error-panel.js";
import { histogramPanels } from "./histogram-panel.js";
import { intervalPanels } from "./interval-panels.js";
import { labelPanels } from "./label-panels.js";
import type { Medium, Panel, PanelMaker } from "./panel.js";
import { segmentPanels } from "./segments-panel.js";
import { tenthsPanels } from "./tenths-panel.js";
import { worstPanels } from "./worst-panel.js";

/** The charts of the live page and of the report, in their order: one that is added here is in both. */
const MAKERS: readonly PanelMaker[] = [
  errorPanels,
  labelPanels,
  intervalPanels,
  segmentPanels,
  driftPanels,
  histogramPanels,
  densityPanels,
  tenthsPanels,
  calibrationPanels,
  worstPanels,
];

export function makePanels(medium: Medium): Panel[] {
  return MAKERS.flatMap((make) => make(medium));
}
