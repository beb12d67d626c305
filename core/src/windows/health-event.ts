import Type, { type Static, type TSchema } from "typebox";
import { AlertNoticeSchema } from "../frames/metric-notice.js";

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

const lane = Type.String({ description: "The lane that it is about." });

/** How everything around the lane is, and what someone should look at in any lane. */
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
  alarms: Type.Array(
    Type.Object({
      lane,
      state: Type.String({ description: "worse or better." }),
      since: orNull(
        Type.String({ description: "Since when, from what to what, how sure that is, and when it was noticed, in a sentence." }),
      ),
    }),
    { description: "Alarms on the error that stand, as metrics said last." },
  ),
  alerts: Type.Array(Type.Object({ lane, ...AlertNoticeSchema.properties }), { description: "Alerts that fire, as metrics said last." }),
});
export type HealthEvent = Static<typeof HealthEventSchema>;
