// The gateway from Node, without a dependency: a prediction that is waited for, and a thousand rows as a stream.
const url = process.env.GATEWAY_URL ?? "http://127.0.0.1:8080";
const features = { age: 59, sex: 2, bmi: 32.1, bp: 101, s1: 157, s2: 93.2, s3: 38, s4: 4, s5: 4.8598, s6: 87 };

const prediction = await post("/predictions?wait=30", JSON.stringify({ features }), "application/json");
console.log(`${prediction.id} ${prediction.status}: y_pred ${prediction.y_pred} of ${prediction.model}`);

// The ids follow from the key: to send the same again after a failure is safe.
const receipt = await post("/rows", rows(1_000), "application/x-ndjson", { "idempotency-key": `node-${process.pid}` });
console.log(`${receipt.accepted} rows accepted, ${receipt.refused} refused`);

/** Rows as NDJSON, made as they are sent: one a minute, up to now. */
async function* rows(count) {
  const now = Date.now();
  for (let i = 0; i < count; i += 1) {
    const row = { features: { ...features, age: 20 + (i % 60) }, event_time: now - (count - i) * 60_000 };
    yield Buffer.from(`${JSON.stringify(row)}\n`);
  }
}

async function post(path, body, type, headers = {}) {
  const answer = await fetch(url + path, { method: "POST", body, headers: { "content-type": type, ...headers }, duplex: "half" });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.detail);
  return said;
}
