import { EVENT_TIME, featuresContract } from "@streamgauge/core";
import { asDelivery } from "./as-delivery.js";
import type { FrameBody } from "./ingress.js";
import type { RawItem } from "./raw-items.js";

/** The items of a job's frame: features, `id`, event times, and labels in `y_true`. @throws FrameRefusedError */
export function frameItems({ bytes, contentType }: FrameBody): RawItem[] {
  const { frame, refusals } = featuresContract.read(asDelivery(bytes, contentType));
  const columns = [...frame.columns].filter(([name]) => name !== "y_true");
  const labels = frame.columns.get("y_true");
  const rows = Array.from({ length: frame.ids.length }, (_, row): RawItem => {
    const features = Object.fromEntries(columns.map(([name, column]) => [name, column[row] ?? null]));
    const time = frame.eventTimes?.[row] ?? Number.NaN;
    return {
      fields: {
        id: frame.ids.at(row),
        features,
        ...(labels === undefined ? {} : { y_true: labels[row] }),
        ...(Number.isNaN(time) ? {} : { [EVENT_TIME]: time }),
      },
    };
  });
  return [...rows, ...refusals.map(({ reason, field }) => ({ unreadable: reason, ...(field === undefined ? {} : { field }) }))];
}
