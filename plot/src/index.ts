export { startPlot, type PlotOptions } from "./service.js";
