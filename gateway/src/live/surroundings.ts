import type { ComparisonEvent, DeadLettersEvent, HealthEvent } from "@streamgauge/core/windows";

/** What all viewers get, whichever lane and windows they watch. */
export interface Surroundings {
  readonly health: HealthEvent;
  readonly dead_letters: DeadLettersEvent;
  readonly comparison: ComparisonEvent;
}
