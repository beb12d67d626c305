import { expect, test } from "vitest";
import { otherPartitionsIn } from "./announced-partitions.js";

const ADVICE = 'set PARTITIONS=4 for every service, or stop them all and run "streamgauge repartition --to 1".';

test.each([
  [{ lane: "champion" }, 1, undefined],
  [{ lane: "champion", partition: "champion.2of4" }, 4, undefined],
  [
    { lane: "champion", partition: "champion.2of4" },
    1,
    `Lane champion is laid out for 4 partitions of metrics, and PARTITIONS is 1: ${ADVICE}`,
  ],
  [
    { lane: "challenger" },
    4,
    'Lane challenger is laid out for one partition of metrics, and PARTITIONS is 4: set PARTITIONS=1 for every service, or stop them all and run "streamgauge repartition --to 4".',
  ],
  // Not of metrics.
  [{ lane: "champion", partition: "others" }, 4, undefined],
])("a notice of %j, beside %i partitions: %j", (notice, wanted, said) => {
  expect(otherPartitionsIn(notice, wanted)?.message).toBe(said);
});
