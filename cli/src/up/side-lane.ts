import { BackOff, errorText, partOf, settlesWithin, type Closable, type ServiceScope } from "@streamgauge/core";
import type { Balance } from "@streamgauge/metrics";
import * as model from "@streamgauge/model";
import type { Model } from "@streamgauge/model";
import type { AllConfig } from "../settings.js";
import { LaneMetrics } from "./lane-metrics.js";
import type { Links } from "./links.js";

/** A lane beside the champion in this process. */
export interface SideLane extends Closable {
  readonly lane: string;
  readonly metrics: LaneMetrics;
  /** The balance of labels before the run. */
  readonly before: Balance | undefined;
  /** Its model; undefined while that is unusable. */
  readonly model: Model | undefined;
  close(): Promise<void>;
}

/** How long the first try to open a model may take before the champion goes on: a server that is away is waited for without end. */
const FIRST_TRY_MS = 10_000;

/** Opens a lane. If its model is unusable, or takes long, it says so and goes on trying: the champion does not wait for it. */
export async function openSideLane(scope: ServiceScope, config: AllConfig, links: Links, lane: string): Promise<SideLane> {
  const closing = new AbortController();
  const part = partOf({ ...scope, signal: AbortSignal.any([closing.signal, scope.signal]) });
  const joined = part.own(await LaneMetrics.start(part, links, { lane, partitions: config.PARTITIONS }));
  const before = (await joined.progress())?.balance.y_true;
  const link = await links.link("model", lane);
  let running: Model | undefined;
  let said = "";
  const tryToOpen = async (): Promise<boolean> => {
    const attempt = partOf(part);
    try {
      running = await model.start(attempt, config, link);
      part.own(attempt);
      return true;
    } catch (error) {
      await attempt.close();
      const reason = errorText(error);
      if (reason !== said) link.log.error(`Lane ${lane} does not score: ${reason} It is tried again; the champion goes on.`);
      said = reason;
      return false;
    }
  };
  const again = async () => {
    const backOff = new BackOff(1_000, 10_000);
    do await backOff.wait(part.signal);
    while (!part.signal.aborted && !(await tryToOpen()));
  };
  const first = tryToOpen();
  const opening = first.then((isOpen) => (isOpen ? undefined : again()));
  if (!(await settlesWithin(FIRST_TRY_MS, first))) link.log.warn(`Lane ${lane} does not score yet; the champion goes on.`);
  return {
    lane,
    metrics: joined,
    before,
    get model() {
      return running;
    },
    close: async () => {
      closing.abort();
      await opening;
      await part.close();
    },
  };
}
