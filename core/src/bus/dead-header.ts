/** Headers of a dead letter, beside those that the message had. */
export const DEAD_HEADER = {
  /** What is wrong with it, row by row, for people: the first reasons. */
  reason: "dead-reason",
  /** The same for programs, as JSON: one refusal a row; if that is too long, only what concerns the whole message. */
  refusals: "dead-refusals",
  /** How many messages follow with the reasons of its rows, if they do not fit in the header. */
  following: "dead-following",
  /** The service that refused it. */
  stage: "dead-stage",
  /** When, ISO 8601. */
  time: "dead-time",
  /** Where it was sent to first, for the way back. */
  exchange: "dead-exchange",
  routingKey: "dead-routing-key",
  queue: "dead-queue",
  /** Its own messageId and appId: a dead letter is a new message of the service that refused it. */
  messageId: "dead-message-id",
  appId: "dead-app-id",
  /** Names of headers that it had and that are too large to be sent on. */
  omitted: "dead-omitted-headers",
} as const;
