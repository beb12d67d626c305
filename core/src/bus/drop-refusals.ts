import { DONE, type Handler } from "./bus.js";
import { CHAMPION } from "../lane-partition.js";

/**
 * The handler of a queue of this lane. What a lane beside the champion cannot use is counted and done with: it is a copy
 * of what the champion gets, and a lane that can use nothing would fill the dead letters with all rows.
 */
export function dropRefusals(lane: string, handler: Handler): Handler {
  if (lane === CHAMPION) return handler;
  return async (delivery) => {
    const outcome = await handler(delivery);
    return outcome.kind === "dead" ? DONE : outcome;
  };
}
