import { CHAMPION, type Closable, type ServiceLink } from "@streamgauge/core";
import { modelOptions } from "../session/model-options.js";
import { ActiveScorer } from "../swap/active-scorer.js";
import { placeOf, versionsAt } from "../swap/model-place.js";
import { ModelWatch } from "../swap/model-watch.js";
import { ChampionVersions } from "../swap/promotion.js";
import { RowSample } from "../swap/row-sample.js";
import { writeScorerStatus } from "../swap/scorer-status.js";
import type { ModelConfig } from "../settings.js";
import { ScorerOpener } from "./scorer-opener.js";

export interface LaneModelOptions extends Omit<ServiceLink, "bus"> {
  readonly config: ModelConfig;
  readonly signal: AbortSignal;
}

/** What scores a lane, and the next ones that take over. */
export interface LaneModel extends Closable {
  readonly active: ActiveScorer;
  readonly sample: RowSample;
  close(): Promise<void>;
}

/**
 * Opens what the settings name for a lane: a model on a server; or one from a file, or the newest one of a folder, and then
 * watches for the next. `POST /model/LANE/reload` looks for a newer one at once.
 *
 * @throws ModelError, RemoteModelError: one line that says what to do.
 */
export async function openLaneModel({ config, lane, log, registry, health, signal }: LaneModelOptions): Promise<LaneModel> {
  const place = placeOf(config, lane);
  const versions = versionsOf(config, lane, place);
  const opener = new ScorerOpener({ config, model: await modelOptions(config, config.DATASET_PATH), lane, log, signal });
  const { opened, loaded } = await opener.first(await versions(), place);
  const active = new ActiveScorer(opened.scorer);
  const sample = new RowSample();
  const onChange = (model: string) => writeScorerStatus(config.LOGS_DIR, lane, { model, since: Date.now() });
  const open = ({ path }: { readonly path: string }, giveUp: AbortSignal) => opener.next(path, giveUp);
  const watch = new ModelWatch({ versions, loaded, active, sample, lane, log, registry, onChange, open });
  watch.guard(opened);
  onChange(opened.scorer.label);
  const reload = async () => {
    const reloaded = await watch.reload();
    return { status: reloaded.done ? 200 : 422, body: reloaded };
  };
  health.onPost(`/model/${lane}/reload`, reload);
  if (lane === config.LANE) health.onPost("/model/reload", reload);
  return {
    active,
    sample,
    close: async () => {
      await watch.close();
      await active.close();
    },
  };
}

/** The champion's place may be taken by a model that was promoted. */
function versionsOf({ LOGS_DIR: logsDir }: ModelConfig, lane: string, place: string) {
  if (lane !== CHAMPION) return () => versionsAt(place);
  const champion = new ChampionVersions(place, logsDir);
  return () => champion.versions();
}
