import { constants, getPriority, setPriority } from "node:os";

/** This thread gets a processor when no other service wants it. A priority that is lower already stays: raising it takes rights that few have. */
export function lowerPriority(): void {
  if (getPriority() < constants.priority.PRIORITY_BELOW_NORMAL) setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
}
