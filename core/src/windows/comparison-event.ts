import Type, { type Static } from "typebox";
import { comparisonSchema } from "../frames/comparison-notice.js";

/** The champion beside each other lane. */
export const ComparisonEventSchema = Type.Object({
  comparisons: Type.Array(
    Type.Object({
      ...comparisonSchema.properties,
      is_heard: Type.Boolean({ description: "Whether it was broadcast in the last seconds." }),
    }),
    { description: "As the service plot broadcasts them." },
  ),
});
export type ComparisonEvent = Static<typeof ComparisonEventSchema>;
