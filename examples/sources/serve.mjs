// Two services that each know half of a patient, to try HTTP sources with: `node examples/sources/serve.mjs`. /vitals tells the
// URL of its next page; /labs counts pages, and wants a token.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const PAGE = 50;
const [header, ...records] = readFileSync(new URL("../../features/assets/diabetes.csv", import.meta.url), "utf8")
  .trim()
  .split("\n");
const names = header.split(",");
const patients = records.map((record, i) => ({
  id: `patient-${i + 1}`,
  ...Object.fromEntries(record.split(",").map((cell, at) => [names[at], Number(cell)])),
}));

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  const page = Number(searchParams.get("page") ?? 1);
  const part = patients.slice((page - 1) * PAGE, page * PAGE);
  const answer = (body, status = 200) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  if (pathname === "/vitals") {
    const items = part.map(({ id, age, sex, bmi, bp }) => ({ patient: id, age, sex, body: { bmi, bp } }));
    const next = page * PAGE < patients.length ? `/vitals?page=${page + 1}` : null;
    answer({ data: { items }, next });
  } else if (pathname === "/labs") {
    if (request.headers.authorization !== "Bearer secret") answer({ error: "no token" }, 401);
    else answer(part.map(({ id, s1, s2, s3, s4, s5, s6 }) => ({ patient_id: id, s1, s2, s3, s4, s5, s6 })));
  } else answer({ error: "unknown" }, 404);
});
server.listen(Number(process.env.PORT ?? 8_090), "127.0.0.1", () => console.log(`Listening on http://127.0.0.1:${server.address().port}`));
