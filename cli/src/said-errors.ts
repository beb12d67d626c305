import { ConfigError, LaterVersionError, LogsDirError, TopologyError, UnfinishedRepartitionError } from "@streamgauge/core";
import { LogInUseError } from "@streamgauge/metrics";
import { BackupError } from "./backup/backup-error.js";
import { NoStateError } from "./lane-state.js";
import { MessagesWaitError } from "./repartition/divided-queues.js";
import { NoRoomError } from "./repartition/move-messages.js";
import { NoLaneError, RepartitionError } from "./repartition/repartition.js";
import { UnmatchedFileError } from "./replay/unmatched.js";
import { NoRowError } from "./rows/chosen-rows.js";
import { BrokerAwayError } from "./with-broker.js";

const SAID = [
  ConfigError,
  TopologyError,
  BrokerAwayError,
  UnfinishedRepartitionError,
  UnmatchedFileError,
  BackupError,
  LogInUseError,
  NoStateError,
  NoLaneError,
  RepartitionError,
  MessagesWaitError,
  NoRoomError,
  LogsDirError,
  LaterVersionError,
  NoRowError,
];

/** Whether its message is all that a user needs: what happened, where, and what to do. */
export function saysAll(error: unknown): error is Error {
  return error instanceof Error && SAID.some((kind) => error instanceof kind);
}
