import { serveTask } from "../../system/serve-task.js";
import { runLoad, type Load, type LoadFigures } from "./run-load.js";

/** A process that asks the gateway. Its task is a `Load`, its result `LoadFigures`. */
serveTask<Load, LoadFigures>(async (load, ready) => {
  await ready();
  return runLoad(load);
});
