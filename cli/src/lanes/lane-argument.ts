import { COMMON_SETTINGS, errorText } from "@streamgauge/core";
import { InvalidArgumentError } from "commander";

/** A lane as a command names it. @throws InvalidArgumentError */
export function laneArgument(text: string): string {
  try {
    return COMMON_SETTINGS.LANE.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`It ${errorText(error)}.`);
  }
}
