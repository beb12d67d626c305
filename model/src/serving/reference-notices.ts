import {
  METRICS_EXCHANGE,
  REFERENCE_REQUEST_TYPE,
  WINDOW_REQUESTS_EXCHANGE,
  writeReferenceNotice,
  type Bus,
  type Subscription,
} from "@streamgauge/core";
import type { ActiveScorer } from "../swap/active-scorer.js";
import type { FirstReferences } from "./first-references.js";

/** Broadcasts the reference of the model that scores a lane now, and again whenever somebody asks. */
export async function announceReference(bus: Bus, lane: string, active: ActiveScorer, first: FirstReferences): Promise<Subscription> {
  const announce = () => {
    const { coder, label, features } = active.current;
    if (coder !== undefined) bus.broadcast(METRICS_EXCHANGE, writeReferenceNotice({ lane, reference: coder.reference }));
    else first.expect(label, features);
    first.announce();
  };
  const answering = await bus.subscribe(WINDOW_REQUESTS_EXCHANGE, `model.${lane}.references`, ({ type }) => {
    if (type === REFERENCE_REQUEST_TYPE) announce();
  });
  announce();
  return answering;
}
