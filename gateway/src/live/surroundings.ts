import type { ComparisonEvent, DeadLettersEvent, HealthEvent } from "@streamgauge/core/windows";

/** What someone should look at in the lanes. */
export type Standing = Pick<HealthEvent, "alarms" | "alerts">;

/** What all viewers get, whichever lane and windows they watch. */
export interface Surroundings {
  readonly health: Omit<HealthEvent, keyof Standing>;
  readonly dead_letters: DeadLettersEvent;
  readonly comparison: ComparisonEvent;
}
