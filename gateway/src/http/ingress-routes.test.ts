import { FEATURES, Ids, featuresContract, labelContract, queuesOf, type FeaturesFrame } from "@streamgauge/core";
import { EMPTY_FILES, FOREIGN_FILES, Inbox, UNUSUAL_FILES, until } from "@streamgauge/testing";
import { describe, expect, test, vi } from "vitest";
import { testGateway } from "../testing/test-gateway.js";

const { features: ROWS, labels: LABELS } = queuesOf("champion");
const NDJSON = "application/x-ndjson";
const CSV = "text/csv";

/** A gateway and the messages that it sent. */
async function ingress() {
  const { bus, ...gateway } = await testGateway();
  const rows = new Inbox();
  const labels = new Inbox();
  await bus("model").consume(ROWS, rows.handler, { prefetch: 100 });
  await bus("metrics").consume(LABELS, labels.handler, { prefetch: 100 });
  return { ...gateway, rows, labels };
}

describe("POST /labels?correct=true", () => {
  test.each([
    ["application/json", '{"id":"a1","y_true":151}'],
    ["application/json", '{"ids":["a1"],"y_true":[151]}'],
    [NDJSON, '{"id":"a1","y_true":151}\n'],
    [CSV, "id,y_true\na1,151\n"],
  ])("marks labels of %s as corrections, with who made them and when", async (type, body) => {
    const { post, labels } = await ingress();
    const before = Date.now();
    const answer = await post("/labels?correct=true&who=ann", body, type);
    expect(await answer.json()).toEqual({ accepted: 1, ids: ["a1"], refused: 0, refusals: [] });
    const delivery = await labels.one();
    expect(delivery.headers).toMatchObject({ correction: 1, who: "ann" });
    const { frame } = labelContract.read(delivery);
    expect([frame.ids.toArray(), [...frame.y_true], frame.correction?.who]).toEqual([["a1"], [151], "ann"]);
    expect(frame.correction?.at).toBeGreaterThanOrEqual(before);
  });

  test("without a name they are the gateway's", async () => {
    const { post, labels } = await ingress();
    await post("/labels?correct=true", '{"id":"a1","y_true":151}');
    expect(labelContract.read(await labels.one()).frame.correction?.who).toBe("gateway");
  });

  test.each([
    ["correct=false", 202, undefined],
    ["correct=yes", 400, 'correct is "yes": it must be true or false, for example ?correct=true'],
    ["who=ann", 400, "who is for corrections: send ?correct=true as well, or leave it out."],
    ["correct=true&who=", 400, 'who is "": it must be a text of 1 to 128 characters, for example ?who=ann'],
    [`correct=true&who=${"x".repeat(129)}`, 400, expect.stringMatching(/it must be a text of 1 to 128 characters/)],
  ])("%s is answered with %d", async (query, status, detail) => {
    const { post, labels } = await ingress();
    const answer = await post(`/labels?${query}`, '{"id":"a1","y_true":151}');
    expect(answer.status).toBe(status);
    if (detail !== undefined) expect(await answer.json()).toMatchObject({ detail });
    else expect(labelContract.read(await labels.one()).frame).not.toHaveProperty("correction");
  });
});

describe("POST /rows", () => {
  test("takes one row, as it will be in the queue", async () => {
    const { post, rows } = await ingress();
    const answer = await post("/rows", '{"id":"a1","features":{"age":59,"sex":null}}');
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({ accepted: 1, ids: ["a1"], refused: 0, refusals: [] });
    expect((await rows.one()).body.toString()).toBe('{"id":"a1","features":{"age":59,"sex":null}}');
  });

  test("takes a list in one message, and refuses rows with the reason", async () => {
    const { post, rows } = await ingress();
    const answer = await post(
      "/rows",
      JSON.stringify([
        { id: "a1", features: { age: 1 } },
        { id: "a2", features: { age: true } },
        { id: "a3", features: { bmi: 1 } },
        { id: "", features: { age: 1 } },
        { id: "a5", features: { age: 2 }, weight: 1 },
        3,
        { id: "a7", features: { age: 7 } },
      ]),
    );
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({
      accepted: 2,
      ids: ["a1", "a7"],
      refused: 5,
      refusals: [
        { row: 1, id: "a2", field: "age", reason: "not a finite number, a text or null, got true: send one of these" },
        {
          row: 2,
          id: "a3",
          field: "age",
          reason: "the value is missing: the rows before it have this feature; send null if it is not known",
        },
        { row: 3, field: "id", reason: 'an id is a string of 1 to 128 characters, got ""' },
        { row: 4, field: "weight", reason: "a row has only id, features and event_time" },
        { row: 5, reason: 'a row is an object like {"id": "a1", …}' },
      ],
    });
    expect((await rows.one()).body.toString()).toBe('{"ids":["a1","a7"],"columns":{"age":[1,7]}}');
  });

  test("gives ids to rows without, the same for the same Idempotency-Key", async () => {
    const { post } = await ingress();
    const send = async (headers: Record<string, string>) => {
      const answer = await post("/rows", '[{"features":{"age":1}},{"features":{"age":2}}]', "application/json", headers);
      const { ids }: { ids: string[] } = JSON.parse(await answer.text());
      return ids;
    };
    const first = await send({ "idempotency-key": "k" });
    expect(first).toEqual([expect.stringMatching(/^[a-z0-9]{12}-0000001$/), expect.stringMatching(/-0000002$/)]);
    expect(await send({ "idempotency-key": "k" })).toEqual(first);
    expect(await send({ "idempotency-key": "l" })).not.toEqual(first);
    expect(await send({})).not.toEqual(await send({}));
  });

  test("takes NDJSON in frames, a broken line aside", async () => {
    const { post, rows } = await ingress();
    const lines = Array.from({ length: 5_000 }, (_, i) => JSON.stringify({ id: `r${i}`, features: { age: i, bmi: 0.5 } }));
    lines[10] = "{";
    const answer = await post("/rows", lines.join("\n"), NDJSON);
    expect(await answer.json()).toMatchObject({
      accepted: 4_999,
      refused: 1,
      refusals: [{ row: 10, reason: expect.stringMatching(/^the line is not JSON/) }],
    });
    const frames: FeaturesFrame[] = [];
    for (let left = 4_999; left > 0; left -= frames.at(-1)?.ids.length ?? 0) {
      const delivery = (await rows.first(frames.length + 1)).at(-1);
      if (delivery !== undefined) frames.push(featuresContract.read(delivery).frame);
    }
    expect(frames.length).toBeGreaterThan(1);
    expect(Ids.joined(frames.map(({ ids }) => ids)).toArray()).toEqual(lines.flatMap((line, i) => (line === "{" ? [] : [`r${i}`])));
    expect(frames.at(-1)?.columns.get("age")?.at(-1)).toBe(4_999);
  });

  test("says that a slow stream was cut when a message of it is refused between two parts of the body", async () => {
    const { url, link } = await ingress();
    const publish = link.publish.bind(link);
    let sent = 0;
    vi.spyOn(link, "publish").mockImplementation((to, message) => {
      if (to === FEATURES) sent += 1;
      return to === FEATURES && sent === 2 ? Promise.reject(new Error("The queue is gone.")) : publish(to, message);
    });
    const part = (name: string, rows: number) =>
      Buffer.from(Array.from({ length: rows }, (_, i) => `${JSON.stringify({ id: `${name}${i}`, features: { age: i } })}\n`).join(""));
    async function* body() {
      yield part("a", 2_048);
      yield part("b", 2_048);
      await until("the second message is refused", () => sent === 2);
      yield part("c", 1);
    }
    const init = { method: "POST", body: ReadableStream.from(body()), duplex: "half" as const, headers: { "content-type": NDJSON } };
    const answer = await fetch(`${url}/rows`, init);
    expect([answer.status, await answer.json()]).toEqual([
      503,
      expect.objectContaining({ accepted: 2_048, detail: "The queue is gone. Rows before that were accepted." }),
    ]);
    expect(sent).toBe(2);
  });

  test("takes CSV, a ragged line aside", async () => {
    const { post } = await ingress();
    expect(await (await post("/rows", "id,a\n1,2\n2,3,4\n3\n4,5\n", CSV)).json()).toEqual({
      accepted: 2,
      ids: ["1", "4"],
      refused: 2,
      refusals: [
        { row: 1, reason: "line 3: it has 3 cells, the header has 2" },
        { row: 2, reason: "line 4: it has 1 cell, the header has 2" },
      ],
    });
  });

  test("takes NDJSON with a byte order mark, and refuses a line in another encoding", async () => {
    const { post } = await ingress();
    const line = (id: string) => JSON.stringify({ id, features: { age: 1 } });
    const body = Buffer.concat([Buffer.from(`\ufeff${line("ä")}\n`), Buffer.from(`${line("ö")}\n`, "latin1"), Buffer.from(line("ü"))]);
    expect(await (await post("/rows", body, NDJSON)).json()).toEqual({
      accepted: 2,
      ids: ["ä", "ü"],
      refused: 1,
      refusals: [{ row: 1, reason: "the line is not UTF-8" }],
    });
  });

  test("does not take what is compressed for something else", async () => {
    const { post } = await ingress();
    const answer = await post("/rows", "x", NDJSON, { "content-encoding": "gzip" });
    expect([answer.status, await answer.json()]).toEqual([415, expect.objectContaining({ detail: expect.stringContaining("compressed") })]);
  });

  test("takes CSV and Arrow", async () => {
    const { post, rows } = await ingress();
    expect(await (await post("/rows", 'id,age,kind\n"a,1",59,x\na2,,y\n', CSV)).json()).toMatchObject({ accepted: 2, ids: ["a,1", "a2"] });
    expect((await rows.one()).body.toString()).toBe('{"ids":["a,1","a2"],"columns":{"age":[59,null],"kind":["x","y"]}}');
    const frame = { ids: Ids.of(["b1", "b2"]), columns: new Map([["age", Float64Array.of(1, 2)]]) };
    const { body, contentType } = featuresContract.write(frame, "arrow", 0);
    expect(await (await post("/rows", new Uint8Array(body), contentType)).json()).toMatchObject({ accepted: 2, ids: ["b1", "b2"] });
  });

  test.each([
    ["no body", "", "application/json", 400, /empty/],
    ["no JSON", "{", "application/json", 400, /the body is not JSON/],
    ["a key twice", '{"id":"a","id":"b","features":{"x":1}}', "application/json", 400, /names a key twice/],
    ["no rows", "[]", "application/json", 400, /the list has no rows/],
    ["no row that can be used", '{"id":"a","features":{}}', "application/json", 400, /No row could be used/],
    [
      "a column of CSV twice",
      "id,a,a\n1,2,3\n",
      CSV,
      400,
      /^The CSV body names the column "a" twice: give every column a name of its own\.$/,
    ],
    ["ragged lines alone", "id,a\n1,2,3\n", CSV, 400, /No row could be used/],
    ["a line that is too long", `{"id":"${"x".repeat(2_000_000)}"}`, NDJSON, 413, /Line 1 is longer/],
    ["no Arrow", "x", "application/vnd.apache.arrow.stream", 400, /not an Arrow IPC stream/],
    ["another type", "x", "text/plain", 415, /Unsupported Media Type: send application\/json, application\/x-ndjson, text\/csv/],
    ["too much", `[${"1,".repeat(5_000_000)}1]`, "application/json", 413, /^The body has more than 8 MiB: send it in parts\.$/],
    ["too many rows", `[${"1,".repeat(70_000)}1]`, "application/json", 413, /More than 65536 rows/],
  ])("refuses %s with a problem", async (_, body, type, status, detail) => {
    const { post, rows } = await ingress();
    const answer = await post("/rows", body, type);
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
    expect(await answer.json()).toMatchObject({ type: "about:blank", status, detail: expect.stringMatching(detail) });
    expect(rows.deliveries).toEqual([]);
  });

  test("takes nothing while the broker is away, and says when to try again", async () => {
    const { post, link, rows } = await ingress();
    await link.close();
    const answer = await post("/rows", '{"id":"a1","features":{"age":59}}');
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("2");
    expect(await answer.json()).toMatchObject({ detail: "RabbitMQ is away. Nothing was accepted; try again." });
    expect(rows.deliveries).toEqual([]);
  });
});

/** The hint that the gateway adds for a CSV body without rows. */
const KEEP_LINE_BREAKS = "with curl, send a file with --data-binary @FILE: -d takes its line breaks out";

describe("strange files", () => {
  test.each(UNUSUAL_FILES)("POST /rows and /labels read $name", async ({ bytes, rows, broken }) => {
    const { post, rows: sent, labels } = await ingress();
    const refusals = broken === undefined ? [] : [{ row: broken[0] - 2, reason: `line ${broken[0]}: ${broken[1]}` }];
    const receipt = { accepted: rows.length, ids: rows.map(([id]) => id), refused: refusals.length, refusals };
    expect(await (await post("/rows", bytes, CSV)).json()).toEqual(receipt);
    expect(await (await post("/labels", bytes, CSV)).json()).toEqual(receipt);
    const { frame } = featuresContract.read(await sent.one());
    const cells = frame.ids.toArray().map((id, i) => [id, Number(frame.columns.get("a")?.[i]), Number(frame.columns.get("y_true")?.[i])]);
    expect(cells).toEqual(rows);
    const label = labelContract.read(await labels.one()).frame;
    expect(label.ids.toArray().map((id, i) => [id, label.y_true[i]])).toEqual(rows.map(([id, , yTrue]) => [id, yTrue]));
  });

  test.each(FOREIGN_FILES)("POST /rows and /labels refuse $name", async ({ bytes, problem, remedy }) => {
    const { post, rows, labels } = await ingress();
    for (const path of ["/rows", "/labels"]) {
      const answer = await post(path, bytes, CSV);
      expect([answer.status, await answer.json()]).toEqual([
        400,
        expect.objectContaining({ detail: `The CSV body ${problem}: ${remedy}.` }),
      ]);
    }
    expect([rows.deliveries, labels.deliveries]).toEqual([[], []]);
  });

  test.each(EMPTY_FILES)("POST /rows and /labels refuse $name, with a hint", async ({ bytes, problem, remedy }) => {
    const { post } = await ingress();
    for (const path of ["/rows", "/labels"]) {
      const answer = await post(path, bytes, CSV);
      const detail = `The CSV body ${problem}: ${remedy} (${KEEP_LINE_BREAKS}).`;
      expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ detail })]);
    }
  });

  test.each(["", "\n\r\n", "\ufeff \n"])("NDJSON without rows is refused with the same hint: %j", async (body) => {
    const { post } = await ingress();
    for (const path of ["/rows", "/labels"]) {
      const answer = await post(path, body, NDJSON);
      const detail = `the body has no rows: send one on each line (${KEEP_LINE_BREAKS})`;
      expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ detail })]);
    }
  });

  test("NDJSON whose line breaks were lost is refused with the same hint", async () => {
    const { post } = await ingress();
    const answer = await post("/labels", '{"id":"a1","y_true":1}{"id":"a2","y_true":2}', NDJSON);
    const reason = expect.stringMatching(
      /^the line is not JSON: .*; send one row on each line \(with curl, send a file with --data-binary/,
    );
    expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ refused: [{ row: 0, reason }] })]);
  });

  test("lines of NDJSON may end in all three ways", async () => {
    const { post } = await ingress();
    const answer = await post("/labels", '{"id":"a1","y_true":1}\r\n{"id":"a2","y_true":2}\r{"id":"a3","y_true":3}\n', NDJSON);
    expect(await answer.json()).toMatchObject({ accepted: 3, ids: ["a1", "a2", "a3"], refused: 0 });
  });

  test("labels need their columns", async () => {
    const { post } = await ingress();
    const answer = await post("/labels", "id,label\n1,2\n", CSV);
    const detail = 'The CSV body has no column "y_true": labels are the columns id and y_true, and it has "id", "label".';
    expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ detail })]);
  });

  test("a cell travels with its spelling, so that the model decides whether it is text", async () => {
    const { post, rows } = await ingress();
    await post("/rows", "id,zip,x\nq1,01234,1e3\nq2,75001,2\nq3,berlin,3\n", CSV);
    const delivery = await rows.one();
    expect(delivery.headers["cells"]).toBe("as-written");
    expect(delivery.body.toString()).toBe('{"ids":["q1","q2","q3"],"columns":{"zip":["01234",75001,"berlin"],"x":["1e3",2,3]}}');
  });

  test("a column in which Python wrote floats travels as numbers, and the message says so", async () => {
    const { post, rows } = await ingress();
    await post("/rows", "id,age,n\nq1,59.0,1\nq2,48.5,2\n", CSV);
    const delivery = await rows.one();
    expect([delivery.headers["cells"], delivery.headers["python-floats"]]).toEqual(["as-written", '["age"]']);
    expect(delivery.body.toString()).toBe('{"ids":["q1","q2"],"columns":{"age":[59,48.5],"n":[1,2]}}');
  });

  test("a column in TEXT_COLUMNS is text", async () => {
    const { bus, post } = await testGateway({ TEXT_COLUMNS: "zip" });
    const rows = new Inbox();
    await bus("model").consume(ROWS, rows.handler, { prefetch: 100 });
    await post("/rows", "id,zip\nq1,75001\nq2,\n", CSV);
    await post("/rows", "id,zip\nq3,75001.0\n", CSV);
    expect((await rows.first(2)).map(({ body }) => body.toString())).toEqual([
      '{"ids":["q1","q2"],"columns":{"zip":["75001",null]}}',
      '{"id":"q3","features":{"zip":"75001.0"}}',
    ]);
  });
});

describe("event times", () => {
  const [FIRST, SECOND] = [1_760_000_000_000, 1_760_000_060_000];
  const BAD = "send whole ms since 1970, such as 1760000000000, or null";

  test("of a row, a list, NDJSON and columns go with the rows, and one that is none refuses its row", async () => {
    const { post, rows } = await ingress();
    await post("/rows", `{"id":"a1","features":{"age":59},"event_time":${FIRST}}`);
    const list = [
      { id: "b1", features: { age: 1 }, event_time: SECOND },
      { id: "b2", features: { age: 2 }, event_time: "2025-10-09T08:53:20Z" },
      { id: "b3", features: { age: 3 }, event_time: 1.5 },
      { id: "b4", features: { age: 4 }, event_time: null },
    ];
    expect(await (await post("/rows", JSON.stringify(list))).json()).toEqual({
      accepted: 2,
      ids: ["b1", "b4"],
      refused: 2,
      refusals: [
        { row: 1, id: "b2", field: "event_time", reason: `not an event time, got "2025-10-09T08:53:20Z": ${BAD}` },
        { row: 2, id: "b3", field: "event_time", reason: `not an event time, got 1.5: ${BAD}` },
      ],
    });
    await post("/rows", `{"id":"c1","features":{"age":5},"event_time":${FIRST}}\n{"id":"c2","features":{"age":6}}\n`, NDJSON);
    await post("/rows", `{"ids":["d1","d2"],"columns":{"age":[7,8]},"event_time":[null,${SECOND}]}`);
    expect((await rows.first(4)).map(({ body }) => body.toString())).toEqual([
      `{"id":"a1","features":{"age":59},"event_time":${FIRST}}`,
      `{"ids":["b1","b4"],"columns":{"age":[1,4]},"event_time":[${SECOND},null]}`,
      `{"ids":["c1","c2"],"columns":{"age":[5,6]},"event_time":[${FIRST},null]}`,
      `{"ids":["d1","d2"],"columns":{"age":[7,8]},"event_time":[null,${SECOND}]}`,
    ]);
  });

  test("of Arrow go with the rows", async () => {
    const { post, rows } = await ingress();
    const frame = {
      ids: Ids.of(["a", "b"]),
      columns: new Map([["age", Float64Array.of(1, 2)]]),
      eventTimes: Float64Array.of(FIRST, SECOND),
    };
    const { body, contentType } = featuresContract.write(frame, "arrow", 0);
    await post("/rows", Uint8Array.from(body), contentType);
    expect(featuresContract.read(await rows.one()).frame.eventTimes).toEqual(Float64Array.of(FIRST, SECOND));
  });

  test("of CSV are in the column event_time, as any text that is a time; an empty one is none", async () => {
    const { post, rows } = await ingress();
    const lines = ["a1,1,2025-10-09T10:53:20+02:00", "a2,2,1760000060", "a3,3,", "a4,4,yesterday", "a5,5,2025-10-09 08:53:20"];
    expect(await (await post("/rows", `id,age,event_time\n${lines.join("\n")}\n`, CSV)).json()).toEqual({
      accepted: 4,
      ids: ["a1", "a2", "a3", "a5"],
      refused: 1,
      refusals: [
        {
          row: 3,
          field: "event_time",
          reason: 'not a time, got "yesterday": write 2025-10-09T08:53:20Z, or 2025-10-09 08:53 in TIME_ZONE, or seconds or ms since 1970',
        },
      ],
    });
    expect((await rows.one()).body.toString()).toBe(
      `{"ids":["a1","a2","a3","a5"],"columns":{"age":[1,2,3,5]},"event_time":[${FIRST},${SECOND},null,${FIRST}]}`,
    );
  });

  test("of CSV may be in another column and of another zone", async () => {
    const { post, rows } = await ingress();
    await post("/rows?time_column=when&time_zone=Europe/Berlin", "id,when,age\na1,2025-10-09 10:53:20,1\n", CSV);
    expect((await rows.one()).body.toString()).toBe(`{"id":"a1","features":{"age":1},"event_time":${FIRST}}`);
  });

  test("of CSV are where the settings say, and a feature as well if the model takes it", async () => {
    const model = () => ({ label: "m@1", features: ["age", "when"], kinds: ["number", "text"] as const });
    const { bus, post } = await testGateway({ TIME_COLUMN: "when", TIME_ZONE: "Europe/Berlin" }, { model });
    const rows = new Inbox();
    await bus("model").consume(ROWS, rows.handler, { prefetch: 100 });
    await post("/rows", "id,when,age\na1,2025-10-09 10:53:20,1\n", CSV);
    await post("/rows", "id,age,event_time\na2,1,7\n", CSV);
    expect((await rows.first(2)).map(({ body }) => body.toString())).toEqual([
      `{"id":"a1","features":{"when":"2025-10-09 10:53:20","age":1},"event_time":${FIRST}}`,
      '{"id":"a2","features":{"age":1,"event_time":7}}',
    ]);
  });

  test.each([
    ["?time_column=when", 'The CSV body has no column "when" with times: it has "id", "age".'],
    [
      "?time_zone=Europe/Atlantis",
      'time_zone is "Europe/Atlantis": it must be a time zone of the IANA database, for example ?time_zone=Europe/Berlin',
    ],
    ["?time_colum=when", 'There is no parameter "time_colum": there are time_column, time_zone.'],
  ])("of CSV with %s are refused with what is accepted", async (query, detail) => {
    const { post } = await ingress();
    const answer = await post(`/rows${query}`, "id,age\na1,1\n", CSV);
    expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ detail })]);
  });
});

describe("POST /labels", () => {
  test("takes one, many, NDJSON and CSV", async () => {
    const { post, labels } = await ingress();
    await post("/labels", '{"id":"a1","y_true":151}');
    await post("/labels", '{"ids":["a2","a3"],"y_true":[1,2]}');
    await post("/labels", '{"id":"a4","y_true":4}\n{"id":"a5","y_true":"5"}', NDJSON);
    await post("/labels", "id,y_true\na6,6\n", CSV);
    const frames = (await labels.first(4)).map((delivery) => labelContract.read(delivery).frame);
    expect(frames.flatMap(({ ids }) => ids.toArray())).toEqual(["a1", "a2", "a3", "a4", "a6"]);
    expect(frames.flatMap(({ y_true: values }) => [...values])).toEqual([151, 1, 2, 4, 6]);
  });
});

describe("the gateway", () => {
  test("describes itself as OpenAPI 3.1, and has a page to try it that works offline", async () => {
    const { url } = await ingress();
    const document: { openapi: string; paths: object } = JSON.parse(await (await fetch(`${url}/openapi.json`)).text());
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(["/rows", "/labels"]));
    const page = await (await fetch(`${url}/docs`)).text();
    expect(page).toContain("swagger-ui");
    expect(page).not.toMatch(/(src|href)="https?:/);
  });

  test("answers what it does not know with problems", async () => {
    const { url } = await ingress();
    for (const [method, path, status] of [
      ["GET", "/nothing", 404],
      ["PUT", "/rows", 404],
      ["GET", "/%zz", 400],
    ] as const) {
      const answer = await fetch(url + path, { method });
      expect([path, answer.status, answer.headers.get("content-type")]).toEqual([path, status, expect.stringContaining("problem+json")]);
      expect(await answer.text()).not.toMatch(/ at .*\.(js|ts)/);
    }
  });
});
