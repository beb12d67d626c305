import { SavedFormat } from "@streamgauge/core";
import Type from "typebox";
import type { CorrectionHistory, TimedLabel } from "../corrections/correction-history.js";

/** The corrections of a logged id. */
export interface SavedHistory {
  readonly version: 1;
  readonly history: CorrectionHistory;
}

/** A correction whose label is not logged yet. */
export interface WaitingCorrection extends TimedLabel {
  readonly who: string;
}

/** The corrections of an id that is not logged. */
export interface SavedWaiting {
  readonly version: 1;
  /** When the last of them came in, ms since 1970. */
  readonly since: number;
  /** By the time when they were made. */
  readonly corrections: readonly WaitingCorrection[];
}

const label = { at: Type.Number(), value: Type.Number() };

export const HISTORY_FORMAT = new SavedFormat<SavedHistory>({
  what: "The corrections of a label",
  version: 1,
  schema: Type.Object({ version: Type.Literal(1), history: Type.Array(Type.Object(label)) }),
  upgrades: {},
});

export const WAITING_FORMAT = new SavedFormat<SavedWaiting>({
  what: "Corrections that wait for a label",
  version: 1,
  schema: Type.Object({
    version: Type.Literal(1),
    since: Type.Number(),
    corrections: Type.Array(Type.Object({ ...label, who: Type.String() })),
  }),
  upgrades: {},
});
