import Type, { type Static, type TSchema } from "typebox";

const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const seconds = (description: string) => orNull(Type.Number({ minimum: 0, description }));

/** How far behind the source a service is. */
const BacklogSchema = Type.Object({
  service: Type.Union([Type.Literal("model"), Type.Literal("metrics")]),
  waiting: Type.Integer({ minimum: 0, description: "Messages that wait for it." }),
  behind_s: seconds("From the source to its results, of the rows of the last seconds; null if none came."),
  still_s: seconds("For how long messages have waited for it and none was taken; null if it takes them, or none waits."),
});
export type Backlog = Static<typeof BacklogSchema>;

/** How everything around the lane is. */
export const HealthEventSchema = Type.Object({
  rabbitmq: Type.Object({
    connected: Type.Boolean(),
    is_shared: Type.Boolean({ description: "false: all services run in one process, without RabbitMQ." }),
    queues: Type.Record(Type.String(), Type.Integer(), { description: "Messages that wait in each queue." }),
  }),
  database: Type.Object({ kind: Type.String(), ready: Type.Boolean() }),
  services: Type.Array(Type.Object({ name: Type.String(), status: Type.String({ description: "ready, not ready or away." }) })),
  disk: orNull(Type.Object({ free_bytes: Type.Number(), total_bytes: Type.Number() }, { description: "Where the log is." })),
  disk_full_in_s: seconds("Until the disk of the log is full at the present rate, as metrics says; null unless that is near."),
  backlog: Type.Array(BacklogSchema),
});
export type HealthEvent = Static<typeof HealthEventSchema>;
