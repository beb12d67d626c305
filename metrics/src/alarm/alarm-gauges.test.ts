import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { addAlarmGauges } from "./alarm-gauges.js";
import { DEFAULT_ALARM } from "./alarm-settings.js";
import { Alarms } from "./alarms.js";

/** The samples as Prometheus reads them, without comments. */
async function samples(alarms: Alarms): Promise<string[]> {
  const registry = new Registry();
  addAlarmGauges(registry, () => alarms.list());
  return (await registry.metrics()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

test("baseline and state of each version, once it has a reference", async () => {
  const alarms = new Alarms(DEFAULT_ALARM, 0);
  const log = (error: number, rows: number) => {
    const yTrue = new Float64Array(rows).fill(error);
    alarms.logged({ model: "m@1", yTrue, yPred: yTrue.map(() => 0), eventTimes: yTrue }, []);
    return alarms.takeChanges()?.raised ?? [];
  };
  log(1, 999);
  expect((await samples(alarms)).filter((line) => line.includes("baseline") || line.includes("alarm{"))).toEqual([]);
  log(1, 1);
  const last = log(3, 100).at(-1)?.row;
  expect(await samples(alarms)).toEqual([
    'streamgauge_metrics_alarm{model="m@1",kind="worse"} 1',
    'streamgauge_metrics_alarm{model="m@1",kind="better"} 0',
    'streamgauge_metrics_alarm_baseline{model="m@1"} 1.05',
    `streamgauge_metrics_alarm_last_row{model="m@1",kind="worse"} ${last}`,
    'streamgauge_metrics_alarm_last_row{model="m@1",kind="better"} 0',
  ]);
});
