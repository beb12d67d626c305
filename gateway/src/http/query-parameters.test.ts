import { expect, test } from "vitest";
import { testGateway } from "../testing/test-gateway.js";

const TIME = "it must be a time with its date, its hour and its zone, for example ?since=2026-11-28T00:00:00Z";

test.each([
  ["/jobs?status=done", 'status is "done": it must be one of created, running, succeeded, failed, cancelled, for example ?status=created'],
  ["/predictions?status=done", 'status is "done": it must be one of pending, succeeded, failed, expired, for example ?status=pending'],
  ["/predictions?since=2026-11-28", `since is "2026-11-28": ${TIME}`],
  [
    "/predictions?until=tomorrow",
    'until is "tomorrow": it must be a time with its date, its hour and its zone, for example ?until=2026-11-28T00:00:00Z',
  ],
  [
    "/predictions?since=0000-01-01T00:00:00Z",
    'since is "0000-01-01T00:00:00Z": it must be a time since the year 1, for example ?since=2026-11-28T00:00:00Z',
  ],
  ["/jobs?limit=1000", "limit is 1000: it must be a whole number from 1 to 500, for example ?limit=50"],
  ["/predictions?limit=many", 'limit is "many": it must be a whole number from 1 to 500, for example ?limit=50'],
  ["/predictions?minError=-1", "minError is -1: it must be a number of 0 or more, for example ?minError=0"],
  ["/jobs?limit=1&limit=2", "limit is given several times: it must be a whole number from 1 to 500, for example ?limit=50"],
  ["/segments/rows?limit=5", 'The parameter "segment" is missing. The name of a segment: its text in GET /segments, such as bmi 5 to 6.'],
  ["/jobs?state=done", 'There is no parameter "state": there are cursor, limit, status.'],
  ["/jobs?cursor=abc", "The cursor is not one of this list: leave it out to begin anew."],
])("%s is refused with what is accepted", async (path, detail) => {
  const { url } = await testGateway();
  const answer = await fetch(url + path);
  expect(await answer.json()).toMatchObject({ status: 400, detail });
});

test("the wait and the format of results say what is accepted", async () => {
  const { url, post } = await testGateway();
  const asked = await post("/predictions?wait=soon", '{"features":{"a":1}}');
  expect(await asked.json()).toMatchObject({ detail: 'wait is "soon": it must be a number from 0 to 60, for example ?wait=0' });
  const results = await fetch(`${url}/jobs/j1/results?format=xlsx`);
  expect(await results.json()).toMatchObject({ detail: 'format is "xlsx": it must be one of csv, ndjson, arrow, for example ?format=csv' });
});
