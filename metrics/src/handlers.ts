import {
  CHAMPION,
  divideLabels,
  dividePredictions,
  DONE,
  FrameRefusedError,
  Ids,
  isSuspicious,
  labelContract,
  LABELS,
  LanePartition,
  originOf,
  predictionContract,
  predictionsOf,
  readRefusedCount,
  refusedRows,
  type Delivery,
  type Handler,
  type Outcome,
  type Refusal,
  type RefusedCount,
} from "@streamgauge/core";
import { SYSTEM_CLOCK, type Clock } from "./clock.js";
import type { CommitCycle } from "./join/commit-cycle.js";
import { ownRows } from "./partitions/own-rows.js";
import { HalfFrame } from "./join/half-frame.js";
import type { Side } from "./state/half-table.js";

/** Where the rows of a message are to be joined. Default: the only partition. */
type Place = Pick<LanePartition, "lane" | "index" | "of">;

const ONLY: Place = new LanePartition(CHAMPION);

/** Handles label messages. Each is answered when all its rows are durable. */
export function labelHandler(cycle: CommitCycle, clock: Clock = SYSTEM_CLOCK, place: Place = ONLY): Handler {
  const address = `${LABELS.exchange}/${LABELS.routingKey}`;
  return (delivery) =>
    take(cycle, clock, "y_true", delivery, () => {
      const counted = readRefusedCount(delivery);
      if (counted !== undefined) return refusedElsewhere(counted);
      const { frame, refusals } = ownRows(labelContract.read(delivery), place, divideLabels, address);
      const { ids, y_true: values, correction } = frame;
      return { ids, values, model: "", unit: "", eventTimes: undefined, correction, refusals };
    });
}

/** Handles prediction messages in the same way. */
export function predictionHandler(cycle: CommitCycle, clock: Clock = SYSTEM_CLOCK, place: Place = ONLY): Handler {
  const { exchange, routingKey } = predictionsOf(place.lane);
  const address = `${exchange}/${routingKey}`;
  return (delivery) =>
    take(cycle, clock, "y_pred", delivery, () => {
      const counted = readRefusedCount(delivery);
      if (counted !== undefined) return refusedElsewhere(counted);
      const { frame, refusals } = ownRows(predictionContract.read(delivery), place, dividePredictions, address);
      const { ids, y_pred: values, model, unit, eventTimes, halfWidths, codes, heldOut } = frame;
      return { ids, values, model, unit, eventTimes, halfWidths, codes, heldOut, refusals };
    });
}

interface ReadHalves extends Pick<HalfFrame, "ids" | "values" | "model" | "unit" | "eventTimes"> {
  readonly halfWidths?: HalfFrame["halfWidths"];
  readonly codes?: HalfFrame["codes"];
  readonly heldOut?: HalfFrame["heldOut"];
  readonly correction?: HalfFrame["correction"];
  readonly refusals: readonly Refusal[];
  /** Rows that a splitter has refused: they are in the dead letters already. */
  readonly refusedBefore?: number;
}

/** What a splitter has refused is only counted. */
function refusedElsewhere({ rows, correction }: RefusedCount): ReadHalves {
  return { ...NO_HALVES, ...(correction ? { correction: { who: "" } } : {}), refusals: [], refusedBefore: rows };
}

const NO_HALVES = { ids: Ids.of([]), values: new Float64Array(), model: "", unit: "", eventTimes: undefined };

/** Hands the halves of a message to the cycle. Resolves when all of them are durable. */
function take(cycle: CommitCycle, clock: Clock, side: Side, delivery: Delivery, read: () => ReadHalves): Promise<Outcome> {
  return new Promise((answer) => {
    const halves = readOrRefuse(read);
    const refused = refusedRows(halves.refusals, 1) + (halves.refusedBefore ?? 0);
    const outcome: Outcome = halves.refusals.length === 0 ? DONE : { kind: "dead", refusals: halves.refusals };
    // Spelled out: to spread what was read takes a tenth of the time of metrics at one row a message.
    const { ids, values, model, unit, eventTimes, halfWidths, codes, heldOut, correction } = halves;
    const [receivedAt, origin, isAlone] = [clock.now(), originOf(delivery), isSuspicious(delivery)];
    const came = {
      side,
      ids,
      values,
      model,
      unit,
      eventTimes,
      halfWidths,
      codes,
      heldOut,
      correction,
      receivedAt,
      origin,
      refused,
      isAlone,
      span: delivery.span,
      answer,
      outcome,
    };
    cycle.receive(new HalfFrame(came));
  });
}

function readOrRefuse(read: () => ReadHalves): ReadHalves {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FrameRefusedError)) throw error;
    return { ...NO_HALVES, refusals: [error.refusal] };
  }
}
