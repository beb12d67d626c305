import Type, { type Static } from "typebox";

const count = (description: string) => Type.Integer({ minimum: 0, description });

/** Refusals of one kind: by the same service, in the same words, whichever values and rows they name. */
const ReasonGroupSchema = Type.Object({
  stage: Type.String({ description: "The service that refused." }),
  reason: Type.String({ description: "What all of them say; … stands for what differs." }),
  field: Type.Optional(Type.String({ description: "The field of the rows." })),
  of: Type.Union([Type.Literal("rows"), Type.Literal("messages")], { description: "Whether single rows were refused, or whole messages." }),
  count: count("Refusals of this kind."),
  first: Type.Number({ description: "When it came first, ms since 1970." }),
  last: Type.Number({ description: "When it came last." }),
  example: Type.String({ description: "One of them: its row, and its values if these differ; empty if there is nothing more to say." }),
  find: Type.String({ description: "A part of the reason with which `streamgauge replay` finds them; empty if there is none." }),
});
export type ReasonGroupJson = Static<typeof ReasonGroupSchema>;

/** Messages that could not be used, and why. */
export const DeadLettersEventSchema = Type.Object({
  waiting: Type.Union([count("Messages in the queue dead-letters."), Type.Null()], { description: "null while the broker is away." }),
  is_kept: Type.Boolean({ description: "Whether the broker keeps them, so that `streamgauge replay` can send them again." }),
  since: Type.Number({ description: "The reasons are those of messages that came since then, ms since 1970." }),
  before: count(
    "Of the messages that wait, those whose reasons are not known here: they came earlier, or while the gateway had no link to the broker.",
  ),
  gone: count("Of the messages whose reasons are counted, those that wait no more."),
  groups: Type.Array(ReasonGroupSchema, { description: "Reasons by kind, the latest first." }),
  other: count("Refusals of kinds that are not listed."),
});
export type DeadLettersEvent = Static<typeof DeadLettersEventSchema>;
