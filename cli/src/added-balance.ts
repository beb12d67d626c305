import type { Balance } from "@streamgauge/metrics";

/** The rows of two partitions together. */
export function addedBalance(one: Balance, other: Balance): Balance {
  return {
    received: one.received + other.received,
    logged: one.logged + other.logged,
    unmatched: one.unmatched + other.unmatched,
    deadLettered: one.deadLettered + other.deadLettered,
    duplicates: one.duplicates + other.duplicates,
    conflicts: one.conflicts + other.conflicts,
  };
}
